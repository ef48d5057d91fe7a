//! SSH: connecting, running a command, writing a file.

use std::time::{Duration, Instant};

use russh::client::{self, KeyboardInteractiveAuthResponse};
use russh::keys::{PrivateKeyWithHashAlg, PublicKey, PublicKeyOrCertificate};
use russh::{ChannelMsg, Disconnect, Pty};
use tokio::io::AsyncRead;

use crate::connection::{Connection, Hop};
use crate::lines::Tail;

/// How long one attempt to connect may take.
const ATTEMPT: Duration = Duration::from_secs(30);

/// The pause after a failed attempt: short at first, then longer.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(500),
    Duration::from_secs(2),
    Duration::from_secs(5),
];

/// An open connection.
pub(crate) struct Session {
    handle: client::Handle<HostKey>,
    /// Carries the connection; has to live as long as it.
    bastion: Option<client::Handle<HostKey>>,
}

/// Why an attempt to connect failed.
enum Failure {
    /// A machine that is being set up may let one in later.
    Again(String),
    Never(String),
}

impl From<russh::Error> for Failure {
    fn from(e: russh::Error) -> Failure {
        match e {
            russh::Error::UnknownKey => Failure::Never(
                "the machine has another key than the one in \"host_key\". It may be another machine than the one that was meant; nothing was sent to it"
                    .to_owned(),
            ),
            e => Failure::Again(e.to_string()),
        }
    }
}

/// Checks the key of a machine.
struct HostKey(Option<PublicKey>);

impl client::Handler for HostKey {
    type Error = russh::Error;

    async fn check_server_key(
        &mut self,
        found: &PublicKeyOrCertificate,
    ) -> Result<bool, Self::Error> {
        // Without one to compare with, every machine is believed, as Terraform does: the
        // key of a new machine cannot be known.
        let Some(wanted) = &self.0 else {
            return Ok(true);
        };
        Ok(match found {
            PublicKeyOrCertificate::PublicKey { key, .. } => key.key_data() == wanted.key_data(),
            PublicKeyOrCertificate::Certificate(c) => c.signature_key() == wanted.key_data(),
        })
    }
}

impl Session {
    /// Connects, again and again until the connection's time is over. The error says why
    /// the last attempt failed.
    pub async fn connect(to: &Connection) -> Result<Session, String> {
        let begun = Instant::now();
        let mut attempts = 0;
        loop {
            let left = to.timeout.saturating_sub(begun.elapsed());
            let attempt = tokio::time::timeout(left.min(ATTEMPT), open(to));
            let why = match attempt.await {
                Ok(Ok(session)) => return Ok(session),
                Ok(Err(Failure::Never(why))) => return Err(format!("{}: {why}.", to.target)),
                Ok(Err(Failure::Again(why))) => why,
                Err(_) => "no answer".to_owned(),
            };
            let pause = PAUSES.get(attempts).or(PAUSES.last()).copied();
            let pause = pause.unwrap_or_default();
            attempts += 1;
            if begun.elapsed() + pause >= to.timeout {
                return Err(format!(
                    "{} could not be reached within the \"timeout\" of the connection ({} s, {attempts} attempts). The last one failed: {why}.",
                    to.target,
                    to.timeout.as_secs_f64()
                ));
            }
            tokio::time::sleep(pause).await;
        }
    }

    /// Runs a command, on a terminal if `terminal`: what it has started then ends with the
    /// connection. `emit` gets what it puts out. The error says how it failed.
    pub async fn run(
        &self,
        command: &str,
        terminal: bool,
        emit: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<(), String> {
        let mut channel = self.channel().await?;
        if terminal {
            let modes = [
                (Pty::ECHO, 0),
                (Pty::TTY_OP_ISPEED, 14400),
                (Pty::TTY_OP_OSPEED, 14400),
            ];
            channel
                .request_pty(false, "xterm", 80, 40, 0, 0, &modes)
                .await
                .map_err(|e| e.to_string())?;
        }
        channel
            .exec(true, command)
            .await
            .map_err(|e| e.to_string())?;
        ended(&mut channel, emit).await
    }

    /// Writes a file on the machine: `command` is what takes it from its standard input.
    /// The error says why it could not be written.
    pub async fn feed(&self, command: &str, content: impl AsyncRead + Unpin) -> Result<(), String> {
        let mut channel = self.channel().await?;
        channel
            .exec(true, command)
            .await
            .map_err(|e| e.to_string())?;
        let sent = channel.data(content).await;
        let _ = channel.eof().await;
        let mut tail = Tail::default();
        ended(&mut channel, &mut |piece| tail.push(piece))
            .await
            .map_err(|why| format!("{why}. {}", tail.sentence()))?;
        sent.map_err(|e| e.to_string())
    }

    async fn channel(&self) -> Result<russh::Channel<client::Msg>, String> {
        let opened = self.handle.channel_open_session().await;
        opened.map_err(|e| format!("no command can be run on the machine: {e}"))
    }

    /// Says goodbye.
    pub async fn close(&self) {
        for handle in [Some(&self.handle), self.bastion.as_ref()]
            .into_iter()
            .flatten()
        {
            let bye = handle.disconnect(Disconnect::ByApplication, "", "");
            let _ = tokio::time::timeout(Duration::from_secs(1), bye).await;
        }
    }
}

/// Waits for the end of a command.
async fn ended(
    channel: &mut russh::Channel<client::Msg>,
    emit: &mut (dyn FnMut(&[u8]) + Send),
) -> Result<(), String> {
    let mut end = Err("the connection was lost before the command ended".to_owned());
    loop {
        match channel.wait().await {
            Some(ChannelMsg::Data { data } | ChannelMsg::ExtendedData { data, .. }) => emit(&data),
            Some(ChannelMsg::ExitStatus { exit_status: 0 }) => end = Ok(()),
            Some(ChannelMsg::ExitStatus { exit_status }) => {
                end = Err(format!("exit status {exit_status}"));
            }
            Some(ChannelMsg::ExitSignal { signal_name, .. }) => {
                end = Err(format!("it was ended by signal {signal_name:?}"));
            }
            Some(ChannelMsg::Failure) => {
                end = Err("the machine refused to run it".to_owned());
                break;
            }
            Some(ChannelMsg::Close) | None => break,
            Some(_) => {}
        }
    }
    end
}

fn config() -> std::sync::Arc<client::Config> {
    std::sync::Arc::new(client::Config {
        // A machine that is gone without a word is noticed.
        keepalive_interval: Some(Duration::from_secs(15)),
        keepalive_max: 4,
        nodelay: true,
        ..client::Config::default()
    })
}

async fn open(to: &Connection) -> Result<Session, Failure> {
    let key = |hop: &Hop| HostKey(hop.host_key.clone());
    let Some(bastion) = &to.bastion else {
        let address = (to.target.host.as_str(), to.target.port);
        let mut handle = client::connect(config(), address, key(&to.target)).await?;
        authenticate(&mut handle, &to.target).await?;
        return Ok(Session {
            handle,
            bastion: None,
        });
    };
    let through = |e: Failure| match e {
        Failure::Again(why) => Failure::Again(format!("bastion {bastion}: {why}")),
        Failure::Never(why) => Failure::Never(format!("bastion {bastion}: {why}")),
    };
    let address = (bastion.host.as_str(), bastion.port);
    let mut first = client::connect(config(), address, key(bastion))
        .await
        .map_err(|e| through(e.into()))?;
    authenticate(&mut first, bastion).await.map_err(through)?;
    let (host, port) = (to.target.host.clone(), u32::from(to.target.port));
    let channel = first
        .channel_open_direct_tcpip(host, port, "127.0.0.1", 0)
        .await
        .map_err(|e| through(e.into()))?;
    let stream = channel.into_stream();
    let mut handle = client::connect_stream(config(), stream, key(&to.target)).await?;
    authenticate(&mut handle, &to.target).await?;
    Ok(Session {
        handle,
        bastion: Some(first),
    })
}

/// Tries what there is: the key, the password, the agent's keys.
async fn authenticate(handle: &mut client::Handle<HostKey>, hop: &Hop) -> Result<(), Failure> {
    let mut tried = Vec::new();
    if let Some(key) = &hop.key {
        tried.push("the private key");
        let result = match &hop.certificate {
            Some(certificate) => {
                handle
                    .authenticate_openssh_cert(&hop.user, key.clone(), certificate.clone())
                    .await?
            }
            None => {
                let hash = handle.best_supported_rsa_hash().await?.flatten();
                let key = PrivateKeyWithHashAlg::new(key.clone(), hash);
                handle.authenticate_publickey(&hop.user, key).await?
            }
        };
        if result.success() {
            return Ok(());
        }
    }
    if let Some(password) = &hop.password {
        tried.push("the password");
        let result = handle.authenticate_password(&hop.user, password).await?;
        if result.success() || by_questions(handle, hop, password).await? {
            return Ok(());
        }
    }
    if hop.agent {
        tried.push("the SSH agent");
        if by_agent(handle, hop).await? {
            return Ok(());
        }
    }
    if tried.is_empty() {
        tried.push("nothing, because the connection has neither a key nor a password");
        let result = handle.authenticate_none(&hop.user).await?;
        if result.success() {
            return Ok(());
        }
    }
    Err(Failure::Again(format!(
        "the machine does not let the user in (tried: {})",
        tried.join(", ")
    )))
}

/// Answers each question of the machine with the password, which is how some ask for it.
async fn by_questions(
    handle: &mut client::Handle<HostKey>,
    hop: &Hop,
    password: &str,
) -> Result<bool, russh::Error> {
    use KeyboardInteractiveAuthResponse as Answer;
    let mut answer = handle
        .authenticate_keyboard_interactive_start(&hop.user, None::<String>)
        .await?;
    // A machine that asks for ever is not let to.
    for _ in 0..5 {
        let questions = match answer {
            Answer::Success => return Ok(true),
            Answer::Failure { .. } => return Ok(false),
            Answer::InfoRequest { prompts, .. } => prompts.len(),
        };
        let replies = vec![password.to_owned(); questions];
        answer = handle
            .authenticate_keyboard_interactive_respond(replies)
            .await?;
    }
    Ok(false)
}

#[cfg(unix)]
async fn by_agent(handle: &mut client::Handle<HostKey>, hop: &Hop) -> Result<bool, russh::Error> {
    use russh::client::AuthResult;
    use russh::keys::agent::{AgentIdentity, client::AgentClient};
    // An agent that cannot be asked has no keys.
    let Ok(mut agent) = AgentClient::connect_env().await else {
        return Ok(false);
    };
    let Ok(mut identities) = agent.request_identities().await else {
        return Ok(false);
    };
    let preferred = hop.agent_identity.as_deref().map(preferred);
    identities.sort_by_key(|identity| {
        let (key, comment) = match identity {
            AgentIdentity::PublicKey { key, comment } => (Some(key.key_data()), comment),
            AgentIdentity::Certificate { comment, .. } => (None, comment),
        };
        let liked = preferred.as_ref().is_some_and(|(name, file)| {
            comment == name || file.as_ref().is_some_and(|f| key == Some(f.key_data()))
        });
        !liked
    });
    let hash = handle.best_supported_rsa_hash().await?.flatten();
    for identity in identities {
        let result = match identity {
            AgentIdentity::PublicKey { key, .. } => {
                let hash = hash.filter(|_| key.algorithm().is_rsa());
                let by = handle.authenticate_publickey_with(&hop.user, key, hash, &mut agent);
                by.await
            }
            AgentIdentity::Certificate { certificate, .. } => {
                let by =
                    handle.authenticate_certificate_with(&hop.user, certificate, hash, &mut agent);
                by.await
            }
        };
        if matches!(result, Ok(AuthResult::Success)) {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(not(unix))]
async fn by_agent(_: &mut client::Handle<HostKey>, _: &Hop) -> Result<bool, russh::Error> {
    Ok(false)
}

/// A preferred key of the agent: by its comment, or by a file that holds it.
#[cfg(unix)]
fn preferred(name: &str) -> (String, Option<PublicKey>) {
    let files = [name.to_owned(), format!("{name}.pub")];
    let texts = files.iter().filter_map(|f| std::fs::read_to_string(f).ok());
    let mut keys = texts.filter_map(|t| PublicKey::from_openssh(t.trim()).ok());
    (name.to_owned(), keys.next())
}
