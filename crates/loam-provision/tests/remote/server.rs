//! An SSH server on loopback that runs commands with the shell of this machine, in a folder
//! of its own.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use russh::keys::key::safe_rng;
use russh::keys::{Algorithm, Certificate, PrivateKey, PublicKey};
use russh::server::{self, Auth, ChannelOpenHandle, Msg, Session, VerifiedPublicKey};
use russh::{Channel, ChannelId};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

pub const USER: &str = "ada";
pub const PASSWORD: &str = "correct horse";

/// A running server.
pub struct Server {
    pub port: u16,
    /// Its public key, as it is written.
    pub key: String,
    /// The home folder.
    pub home: tempfile::TempDir,
    shared: Arc<Shared>,
}

struct Shared {
    home: PathBuf,
    allowed: Mutex<Option<PublicKey>>,
    /// Passwords are asked for by questions, and taken in no other way.
    asks: AtomicBool,
    /// What has been asked for: commands, and where connections are passed on to.
    log: Mutex<Vec<String>>,
}

pub fn new_key() -> PrivateKey {
    PrivateKey::random(&mut safe_rng(), Algorithm::Ed25519).expect("a key")
}

impl Server {
    pub async fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        Server::on(listener)
    }

    pub fn on(listener: TcpListener) -> Server {
        let home = tempfile::tempdir().expect("a folder");
        let key = new_key();
        let public = key.public_key().to_openssh().expect("a text");
        let config = Arc::new(server::Config {
            auth_rejection_time: Duration::from_millis(1),
            auth_rejection_time_initial: Some(Duration::ZERO),
            keys: vec![key],
            ..server::Config::default()
        });
        let shared = Arc::new(Shared {
            home: home.path().to_owned(),
            allowed: Mutex::default(),
            asks: AtomicBool::new(false),
            log: Mutex::default(),
        });
        let port = listener.local_addr().expect("an address").port();
        let for_all = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let client = Client {
                    shared: for_all.clone(),
                    inputs: HashMap::new(),
                };
                let config = config.clone();
                tokio::spawn(async move {
                    if let Ok(running) = server::run_stream(config, stream, client).await {
                        let _ = running.await;
                    }
                });
            }
        });
        Server {
            port,
            key: public,
            home,
            shared,
        }
    }

    /// Lets in who has this key, or a certificate that is signed with it.
    pub fn allow(&self, key: &PrivateKey) {
        *self.shared.allowed.lock().expect("a lock") = Some(key.public_key().clone());
    }

    /// From now on asks for the password instead of taking it, as PAM does.
    pub fn ask(&self) {
        self.shared.asks.store(true, Ordering::SeqCst);
    }

    pub fn log(&self) -> Vec<String> {
        self.shared.log.lock().expect("a lock").clone()
    }
}

struct Client {
    shared: Arc<Shared>,
    /// The standard inputs of running commands.
    inputs: HashMap<ChannelId, UnboundedSender<Vec<u8>>>,
}

impl Client {
    fn note(&self, what: String) {
        self.shared.log.lock().expect("a lock").push(what);
    }
}

impl server::Handler for Client {
    type Error = russh::Error;

    async fn auth_password(&mut self, user: &str, password: &str) -> Result<Auth, russh::Error> {
        let asks = self.shared.asks.load(Ordering::SeqCst);
        Ok(match (user, password) {
            (USER, PASSWORD) if !asks => Auth::Accept,
            _ => Auth::reject(),
        })
    }

    async fn auth_keyboard_interactive<'a>(
        &'a mut self,
        user: &str,
        _submethods: &str,
        response: Option<server::Response<'a>>,
    ) -> Result<Auth, russh::Error> {
        if user != USER || !self.shared.asks.load(Ordering::SeqCst) {
            return Ok(Auth::reject());
        }
        let Some(answers) = response else {
            return Ok(Auth::Partial {
                name: "".into(),
                instructions: "".into(),
                prompts: vec![("Password: ".into(), false)].into(),
            });
        };
        let answers: Vec<_> = answers.collect();
        Ok(match answers.as_slice() {
            [answer] if *answer == PASSWORD.as_bytes() => Auth::Accept,
            _ => Auth::reject(),
        })
    }

    async fn auth_openssh_certificate(
        &mut self,
        user: &str,
        certificate: &Certificate,
    ) -> Result<Auth, russh::Error> {
        let allowed = self.shared.allowed.lock().expect("a lock").clone();
        let signed = allowed.is_some_and(|a| a.key_data() == certificate.signature_key());
        let named = certificate.valid_principals().iter().any(|p| p == user);
        Ok(match user == USER && signed && named {
            true => Auth::Accept,
            false => Auth::reject(),
        })
    }

    async fn auth_publickey(
        &mut self,
        user: &str,
        key: VerifiedPublicKey<'_>,
    ) -> Result<Auth, russh::Error> {
        let allowed = self.shared.allowed.lock().expect("a lock").clone();
        let known = allowed.is_some_and(|a| a.key_data() == key.public_key.key_data());
        Ok(match user == USER && known {
            true => Auth::Accept,
            false => Auth::reject(),
        })
    }

    async fn channel_open_session(
        &mut self,
        _channel: Channel<Msg>,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        reply.accept().await;
        Ok(())
    }

    async fn channel_open_direct_tcpip(
        &mut self,
        channel: Channel<Msg>,
        host: &str,
        port: u32,
        _from: &str,
        _from_port: u32,
        reply: ChannelOpenHandle,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        self.note(format!("through to {host}:{port}"));
        let port = u16::try_from(port).unwrap_or_default();
        let host = host.to_owned();
        reply.accept().await;
        tokio::spawn(async move {
            if let Ok(mut stream) = TcpStream::connect((host, port)).await {
                let mut channel = channel.into_stream();
                let _ = tokio::io::copy_bidirectional(&mut channel, &mut stream).await;
            }
        });
        Ok(())
    }

    async fn exec_request(
        &mut self,
        channel: ChannelId,
        command: &[u8],
        session: &mut Session,
    ) -> Result<(), russh::Error> {
        let command = String::from_utf8_lossy(command).into_owned();
        self.note(command.clone());
        let (input, mut pieces) = unbounded_channel::<Vec<u8>>();
        self.inputs.insert(channel, input);
        session.channel_success(channel)?;
        let handle = session.handle();
        let mut child = tokio::process::Command::new("/bin/sh")
            .args(["-c", &command])
            .current_dir(&self.shared.home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("a shell");
        let mut stdin = child.stdin.take().expect("an input");
        tokio::spawn(async move {
            while let Some(piece) = pieces.recv().await {
                if stdin.write_all(&piece).await.is_err() {
                    break;
                }
            }
        });
        let mut stdout = child.stdout.take().expect("an output");
        let mut stderr = child.stderr.take().expect("an output");
        tokio::spawn(async move {
            let (mut out, mut err) = (vec![0; 4096], vec![0; 4096]);
            let (mut out_open, mut err_open) = (true, true);
            while out_open || err_open {
                let sent = tokio::select! {
                    n = stdout.read(&mut out), if out_open => match n {
                        Ok(n) if n > 0 => handle.data(channel, out[..n].to_vec()).await.is_ok(),
                        _ => { out_open = false; true }
                    },
                    n = stderr.read(&mut err), if err_open => match n {
                        Ok(n) if n > 0 => {
                            handle.extended_data(channel, 1, err[..n].to_vec()).await.is_ok()
                        }
                        _ => { err_open = false; true }
                    },
                };
                if !sent {
                    return;
                }
            }
            let code = child.wait().await.ok().and_then(|s| s.code());
            let code = u32::try_from(code.unwrap_or(255)).unwrap_or(255);
            let _ = handle.exit_status_request(channel, code).await;
            let _ = handle.eof(channel).await;
            let _ = handle.close(channel).await;
        });
        Ok(())
    }

    async fn data(
        &mut self,
        channel: ChannelId,
        data: &[u8],
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        if let Some(input) = self.inputs.get(&channel) {
            let _ = input.send(data.to_vec());
        }
        Ok(())
    }

    async fn channel_eof(
        &mut self,
        channel: ChannelId,
        _session: &mut Session,
    ) -> Result<(), russh::Error> {
        self.inputs.remove(&channel);
        Ok(())
    }
}
