//! The official clients, unmodified, as child processes: centrifuge-js in Node and centrifuge-python.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Long enough for an interpreter to start on a busy machine.
pub const SOON: Duration = Duration::from_secs(30);

/// Which client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Js,
    Python,
}

pub const BOTH: [Kind; 2] = [Kind::Js, Kind::Python];

impl Kind {
    pub fn version(self) -> &'static str {
        match self {
            Self::Js => "5.8.0",
            Self::Python => "0.7.0",
        }
    }

    fn command(self, folder: &Path) -> Command {
        let there = |path: PathBuf| {
            assert!(path.exists(), "{} is not installed; run `cargo xtask setup`", path.display());
            path
        };
        match self {
            Self::Js => {
                there(folder.join("node_modules/centrifuge"));
                let mut command = Command::new("node");
                command.arg("client.mjs");
                command
            }
            Self::Python => {
                let python = if cfg!(windows) { ".venv/Scripts/python.exe" } else { ".venv/bin/python" };
                let mut command = Command::new(there(folder.join(python)));
                command.arg("client.py");
                command
            }
        }
    }
}

/// A client. Ends when dropped.
pub struct Script {
    program: Child,
    input: ChildStdin,
    told: mpsc::UnboundedReceiver<Value>,
    /// What came and was not waited for yet.
    pub kept: Vec<Value>,
}

impl Script {
    pub async fn start(kind: Kind) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("centrifuge-client");
        let mut program = kind
            .command(&folder)
            .current_dir(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("it starts");
        let input = program.stdin.take().unwrap();
        let output = BufReader::new(program.stdout.take().unwrap());
        let (tell, told) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let _ = tell.send(serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}")));
            }
        });
        let mut script = Self { program, input, told, kept: Vec::new() };
        script.act(&json!({ "act": "version" }));
        assert_eq!(script.event("version").await["version"], kind.version(), "the version this proof is about");
        script
    }

    pub fn act(&mut self, act: &Value) {
        writeln!(self.input, "{act}").unwrap();
    }

    pub fn connect(&mut self, url: &str, data: &Value) {
        self.act(&json!({ "act": "connect", "url": url, "data": data }));
    }

    /// Waits for the first that is wanted, in the order they came; earlier ones stay.
    pub async fn expect(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.kept.iter().position(&wanted) {
            return self.kept.remove(at);
        }
        let found = timeout(SOON, async {
            loop {
                let value = self.told.recv().await.expect("the client ended");
                if wanted(&value) {
                    return value;
                }
                self.kept.push(value);
            }
        });
        match found.await {
            Ok(value) => value,
            Err(_) => panic!("waited in vain for {what}; kept {:?}", self.kept),
        }
    }

    pub async fn event(&mut self, name: &str) -> Value {
        self.expect(name, |value| value["event"] == name).await
    }

    /// An event about a channel.
    pub async fn of(&mut self, name: &str, channel: &str) -> Value {
        self.expect(name, |value| value["event"] == name && value["channel"] == channel).await
    }

    /// How many of those have come and were not waited for.
    pub fn count(&mut self, name: &str) -> usize {
        while let Ok(value) = self.told.try_recv() {
            self.kept.push(value);
        }
        self.kept.iter().filter(|value| value["event"] == name).count()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}
