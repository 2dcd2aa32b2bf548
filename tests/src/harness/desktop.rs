//! Display, session bus, keyring, notification service and sound devices of
//! one proof, started and ended by it. Nothing of the user's session is touched.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::processes::{Program, wait_for};

/// What a desktop is made of.
#[derive(Clone, Copy, Debug)]
pub struct Furniture {
    /// gnome-keyring, unlocked.
    pub keyring: bool,
    /// dunst; otherwise the proof brings its own notification service.
    pub dunst: bool,
}

/// Sound devices by their PulseAudio names.
pub mod devices {
    /// Where it rings.
    pub const RINGER: &str = "ringer";
    /// What the agent hears.
    pub const SPEAKER: &str = "speaker";
    /// What is played here is what the microphone hears.
    pub const MICROPHONE_FEED: &str = "micfeed";
    /// The microphone.
    pub const MICROPHONE: &str = "vmic";
}

const KEYRING: &str = "gnome-keyring-daemon";

/// A running desktop.
pub struct Desktop {
    // Ended in this order: programs first, their folder last.
    programs: Vec<Program>,
    folder: TempDir,
    environment: Vec<(String, String)>,
}

const PULSE: &str = "\
load-module module-native-protocol-unix auth-anonymous=1 socket=SOCKET
load-module module-null-sink sink_name=ringer channels=1 rate=48000 norewinds=1 sink_properties=device.description=Ringer
load-module module-null-sink sink_name=speaker channels=1 rate=48000 norewinds=1 sink_properties=device.description=Headset
load-module module-null-sink sink_name=micfeed channels=1 rate=48000 norewinds=1 sink_properties=device.description=MicrophoneFeed
load-module module-remap-source source_name=vmic master=micfeed.monitor channels=1 source_properties=device.description=HeadsetMicrophone
set-default-sink speaker
set-default-source vmic
";

/// A session bus that starts nothing by itself: what the machine has installed
/// (keyring, password prompter, portals) is not part of a proof's desktop.
const BUS: &str = "\
<!DOCTYPE busconfig PUBLIC '-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN'
 'http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd'>
<busconfig>
  <type>session</type>
  <listen>unix:path=SOCKET</listen>
  <auth>EXTERNAL</auth>
  <policy context='default'>
    <allow send_destination='*' eavesdrop='true'/>
    <allow eavesdrop='true'/>
    <allow own='*'/>
  </policy>
</busconfig>
";

const DUNST: &str = "\
[global]
    monitor = 0
    width = 360
    origin = top-right
    offset = 20x20
    font = Sans 10
    frame_color = \"#3b82f6\"
    show_indicators = no
[urgency_critical]
    background = \"#1f2937\"
    foreground = \"#f9fafb\"
    timeout = 0
";

impl Desktop {
    /// Starts everything.
    pub fn start(furniture: Furniture) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("trunkline-desktop-").tempdir()?;
        let mut desktop = Self { programs: Vec::new(), folder, environment: Vec::new() };
        desktop.folders()?;
        desktop.display()?;
        desktop.bus()?;
        if furniture.keyring {
            desktop.keyring()?;
        }
        if furniture.dunst {
            desktop.dunst()?;
        }
        desktop.pulse()?;
        Ok(desktop)
    }

    /// A file or folder of this desktop.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The whole folder.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// One of its environment variables.
    pub fn variable(&self, name: &str) -> &str {
        self.environment.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    /// A program that lives on this desktop.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        for leaked in ["DISPLAY", "WAYLAND_DISPLAY", "PULSE_SINK", "PULSE_SOURCE", "XAUTHORITY"] {
            command.env_remove(leaked);
        }
        command.envs(self.environment.iter().map(|(key, value)| (key, value)));
        command
    }

    /// A program's standard output on this desktop.
    pub fn output(&self, program: &str, arguments: &[&str]) -> Result<String> {
        let output = self.command(program).args(arguments).stdin(Stdio::null()).output()?;
        anyhow::ensure!(
            output.status.success(),
            "{program} {}: {}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Sets one of its environment variables, for programs started from now on.
    pub fn set(&mut self, key: &str, value: impl Into<String>) {
        self.environment.push((key.to_owned(), value.into()));
    }

    fn folders(&mut self) -> Result<()> {
        use std::os::unix::fs::PermissionsExt as _;
        for (key, name) in [
            ("HOME", "home"),
            ("XDG_RUNTIME_DIR", "run"),
            ("XDG_CONFIG_HOME", "home/.config"),
            ("XDG_DATA_HOME", "home/.local/share"),
            ("XDG_CACHE_HOME", "home/.cache"),
            ("XDG_STATE_HOME", "home/.local/state"),
        ] {
            let path = self.path(name);
            std::fs::create_dir_all(&path)?;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700))?;
            self.set(key, path.display().to_string());
        }
        // The web view's sandbox and the accessibility bus have no place in a bare session.
        self.set("NO_AT_BRIDGE", "1");
        self.set("GTK_A11Y", "none");
        Ok(())
    }

    fn display(&mut self) -> Result<()> {
        let log = std::fs::File::create(self.path("xvfb.log"))?;
        let mut child = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp", "-noreset"])
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("Xvfb cannot be started")?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("Xvfb has no output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        self.programs.push(Program::adopt(child, "Xvfb"));
        anyhow::ensure!(!line.trim().is_empty(), "Xvfb gave no display number");
        self.set("DISPLAY", format!(":{}", line.trim()));
        Ok(())
    }

    fn bus(&mut self) -> Result<()> {
        let log = std::fs::File::create(self.path("dbus.log"))?;
        let config = self.path("bus.conf");
        std::fs::write(&config, BUS.replace("SOCKET", &self.path("run/bus").display().to_string()))?;
        let mut child = self
            .command("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .arg(format!("--config-file={}", config.display()))
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("dbus-daemon cannot be started")?;
        let mut line = String::new();
        let stdout = child.stdout.take().context("dbus-daemon has no output")?;
        BufReader::new(stdout).read_line(&mut line)?;
        self.programs.push(Program::adopt(child, "dbus-daemon"));
        self.set("DBUS_SESSION_BUS_ADDRESS", line.trim());
        Ok(())
    }

    fn keyring(&mut self) -> Result<()> {
        let log = std::fs::File::create(self.path("keyring.log"))?;
        let mut child = self
            .command(KEYRING)
            .args(["--foreground", "--unlock", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("gnome-keyring-daemon cannot be started")?;
        // An empty line is the password of the new login keyring.
        child.stdin.take().context("no input")?.write_all(b"proof\n")?;
        self.programs.push(Program::adopt(child, KEYRING));
        self.wait_for_name("org.freedesktop.secrets")
    }

    fn dunst(&mut self) -> Result<()> {
        let config = self.path("dunstrc");
        std::fs::write(&config, DUNST)?;
        let program = Program::start(self.command("dunst").arg("-conf").arg(&config), &self.path("dunst.log"))?;
        self.programs.push(program);
        self.wait_for_name("org.freedesktop.Notifications")
    }

    /// Waits until a bus name has an owner.
    pub fn wait_for_name(&self, name: &str) -> Result<()> {
        wait_for(name, Duration::from_secs(10), || {
            let reply = self
                .output(
                    "dbus-send",
                    &[
                        "--session",
                        "--print-reply",
                        "--dest=org.freedesktop.DBus",
                        "/org/freedesktop/DBus",
                        "org.freedesktop.DBus.NameHasOwner",
                        &format!("string:{name}"),
                    ],
                )
                .ok()?;
            reply.contains("boolean true").then_some(())
        })
    }

    /// Ends the desktop's keyring; the secrets stay in its file.
    pub fn end_keyring(&mut self) {
        self.programs.retain(|program| program.name() != KEYRING);
    }

    /// Starts the keyring without its password: what it holds stays locked.
    pub fn start_locked_keyring(&mut self) -> Result<()> {
        let mut command = self.command(KEYRING);
        command.args(["--foreground", "--components=secrets"]).stdin(Stdio::null());
        let program = Program::start(&mut command, &self.path("keyring-locked.log"))?;
        self.programs.push(program);
        self.wait_for_name("org.freedesktop.secrets")
    }

    /// Plugs a sound device in: arguments of `pactl load-module`.
    pub fn plug(&self, module: &[&str]) -> Result<()> {
        self.output("pactl", &[&["load-module"], module].concat()).map(drop)
    }

    /// Unplugs what was loaded with this among its arguments (`sink_name=speaker`).
    pub fn unplug(&self, argument: &str) -> Result<()> {
        let modules = self.output("pactl", &["list", "short", "modules"])?;
        let line = modules.lines().find(|line| line.split_whitespace().any(|word| word == argument));
        let number = line.and_then(|line| line.split_whitespace().next());
        let number = number.with_context(|| format!("no module was loaded with {argument}"))?;
        self.output("pactl", &["unload-module", number]).map(drop)
    }

    fn pulse(&mut self) -> Result<()> {
        let socket = self.path("run/pulse-native");
        let script = self.path("pulse.pa");
        std::fs::write(&script, PULSE.replace("SOCKET", &socket.display().to_string()))?;
        let program = Program::start(
            // Shared memory is left out: PulseAudio 16 may end itself over it when
            // programs come and go (memblock.c, memblock_replace_import).
            self.command("pulseaudio")
                .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes", "-F"])
                .arg(&script),
            &self.path("pulse.log"),
        )?;
        self.programs.push(program);
        self.set("PULSE_SERVER", format!("unix:{}", socket.display()));
        wait_for("PulseAudio", Duration::from_secs(10), || {
            self.output("pactl", &["list", "short", "sources"]).ok().filter(|list| list.contains(devices::MICROPHONE))
        })?;
        Ok(())
    }
}
