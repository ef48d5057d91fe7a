//! `remote-exec` and `file` by the real binary, on an SSH server in this process.

use russh::keys::ssh_key::LineEnding;

use crate::ssh_server::{PASSWORD, Server, USER, new_key};
use crate::world::World;

/// A server with the runtime that it lives in.
struct Machine {
    server: Server,
    _runtime: tokio::runtime::Runtime,
}

fn machine() -> Machine {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let server = runtime.block_on(Server::start());
    Machine {
        server,
        _runtime: runtime,
    }
}

/// A new object onto which a file is put, with whose content a command then does something.
/// `login` is what the connection says besides.
fn config(m: &Machine, login: &str) -> String {
    format!(
        r#"
variable "secret" {{
  type      = string
  sensitive = true
}}
resource "terraform_data" "a" {{
  connection {{
    host    = "127.0.0.1"
    port    = {}
    user    = "{USER}"
    agent   = false
    timeout = "5s"
    {login}
  }}
  provisioner "file" {{
    content     = "hello from here"
    destination = "greeting"
  }}
  provisioner "remote-exec" {{
    inline = ["cat greeting", "cp greeting answer"]
  }}
}}
"#,
        m.server.port
    )
}

/// The working directory; `secret` is the password or the key.
fn world(m: &Machine, login: &str, secret: &str) -> World {
    let mut w = World::new(&config(m, login));
    w.set("TF_VAR_secret", secret);
    w
}

#[test]
fn a_file_and_commands_get_to_the_machine_by_password_and_by_key() {
    let m = machine();
    let key = new_key();
    m.server.allow(&key);
    let pem = key.to_openssh(LineEnding::LF).expect("a text");
    let ways = [
        ("password", PASSWORD, false),
        ("private_key", &*pem, false),
        ("password", PASSWORD, true),
    ];
    for (name, secret, asked) in ways {
        if asked {
            m.server.ask();
        }
        // The machine proves who it is.
        let login = format!("{name} = var.secret\n    host_key = \"{}\"", m.server.key);
        let w = world(&m, &login, secret);
        w.apply()
            .says("terraform_data.a: Provisioning with 'file'...")
            .says("terraform_data.a: Provisioning with 'remote-exec'...")
            .says("terraform_data.a (remote-exec): Connected!")
            .says("terraform_data.a (remote-exec): hello from here")
            .says("Apply complete! Resources: 1 added")
            .never_says(secret);
        let answer = m.server.home.path().join("answer");
        let text = std::fs::read_to_string(&answer).expect("made by the command");
        assert_eq!(text, "hello from here");
        std::fs::remove_file(answer).expect("there");
        w.plan().says("No changes.");
    }
}

#[test]
fn another_machine_gets_nothing_and_the_object_is_tainted() {
    let m = machine();
    let other = new_key().public_key().to_openssh().expect("a text");
    let login = format!("password = var.secret\n    host_key = \"{other}\"");
    let w = world(&m, &login, PASSWORD);
    w.run("apply -auto-approve")
        .fails()
        .says("the machine has another key than the one in \"host_key\"")
        .never_says(PASSWORD);
    assert!(m.server.log().is_empty());
    w.plan().says("terraform_data.a is tainted");
    // Put right, the next run makes it anew.
    w.write("main.tf", &config(&m, "password = var.secret"));
    w.apply().says("1 added, 0 changed, 1 destroyed");
}
