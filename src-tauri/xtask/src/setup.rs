//! Installs what a build and the tests need: system packages through the
//! package manager where we know it, npm packages everywhere.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use crate::steps::{output, run_in, say};

/// Debian and Ubuntu packages, with what each is for.
const DEBIAN: &[(&str, &str)] = &[
    ("libwebkit2gtk-4.1-dev", "the window's web view"),
    ("librsvg2-dev", "icons"),
    ("libasound2-dev", "sound"),
    ("build-essential", "compiler for Opus, SQLite and TLS"),
    ("cmake", "Opus"),
    ("pkg-config", "finding libraries"),
    ("webkit2gtk-driver", "driving the real window in tests"),
    ("xvfb", "a display for tests"),
    ("xauth", "a display for tests"),
    ("xdotool", "windows in tests"),
    ("imagemagick", "screenshots"),
    ("dbus", "session bus"),
    ("dbus-x11", "session bus in tests"),
    ("gnome-keyring", "a keyring in tests"),
    ("dunst", "desktop notifications in tests"),
    ("systemd", "busctl, which dunstctl reads past notifications with, in tests"),
    ("pulseaudio", "sound devices in tests"),
    ("pulseaudio-utils", "recording in tests"),
    ("coturn", "TURN relay for demo mode and tests"),
    ("chromium", "the vendor's own client in tests"),
    ("chromium-driver", "the vendor's own client in tests"),
    ("python3", "a vendor's other client in tests"),
    ("python3-venv", "a vendor's other client in tests"),
];

/// What to look for where we do not know the package manager, in words.
const ELSEWHERE: &[(&str, Probe)] = &[
    ("a C and C++ compiler", Probe::Program("cc")),
    ("CMake 3.16 or newer", Probe::Program("cmake")),
    ("pkg-config", Probe::Program("pkg-config")),
    (
        "WebKitGTK 4.1 with headers (Fedora: webkit2gtk4.1-devel, Arch: webkit2gtk-4.1)",
        Probe::Library("webkit2gtk-4.1"),
    ),
    ("librsvg with headers (Fedora: librsvg2-devel, Arch: librsvg)", Probe::Library("librsvg-2.0")),
    ("ALSA with headers (Fedora: alsa-lib-devel, Arch: alsa-lib)", Probe::Library("alsa")),
];

const ELSEWHERE_TESTS: &[(&str, Probe)] = &[
    ("WebKitWebDriver (Fedora: webkit2gtk-driver, Arch: part of webkit2gtk-4.1)", Probe::Program("WebKitWebDriver")),
    ("Xvfb", Probe::Program("Xvfb")),
    ("xdotool", Probe::Program("xdotool")),
    ("ImageMagick", Probe::Program("import")),
    ("dbus-run-session", Probe::Program("dbus-run-session")),
    ("gnome-keyring", Probe::Program("gnome-keyring-daemon")),
    ("dunst", Probe::Program("dunst")),
    ("busctl, part of systemd", Probe::Program("busctl")),
    ("PulseAudio with pactl and parec", Probe::Program("pulseaudio")),
    ("coturn", Probe::Program("turnserver")),
    ("Chromium and ChromeDriver", Probe::Program("chromium")),
    ("Python 3.10 or newer with venv", Probe::Program("python3")),
];

#[derive(Clone, Copy)]
enum Probe {
    Program(&'static str),
    Library(&'static str),
}

impl Probe {
    fn is_there(self) -> bool {
        match self {
            Self::Program(name) => has_program(name),
            Self::Library(name) => Command::new("pkg-config")
                .args(["--exists", name])
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|s| s.success()),
        }
    }
}

/// Everything, system packages first.
pub fn all() -> Result<()> {
    tool_versions()?;
    system()?;
    npm(Path::new("ui"))?;
    npm(Path::new("src-tauri/crates/simulators/vendor-client"))?;
    npm(Path::new("src-tauri/crates/simulators/phoenix-client"))?;
    npm(Path::new("src-tauri/crates/simulators/socketio-client"))?;
    npm(Path::new("src-tauri/crates/simulators/centrifuge-client"))?;
    python(Path::new("src-tauri/crates/simulators/centrifuge-client"))
}

/// What `run` needs.
pub fn for_run() -> Result<()> {
    tool_versions()?;
    system()?;
    npm(Path::new("ui"))
}

fn tool_versions() -> Result<()> {
    let rust = output("rustc", &["--version"]).context("Rust is missing: install 1.95 or newer from rustup.rs")?;
    require("Rust", &rust, (1, 95))?;
    let node = output("node", &["--version"]).context("Node is missing: install 20.19 or newer")?;
    require("Node", &node, (20, 19))?;
    output("npm", &["--version"]).context("npm is missing: it comes with Node")?;
    Ok(())
}

fn require(tool: &str, printed: &str, least: (u32, u32)) -> Result<()> {
    let numbers: Vec<u32> = printed
        .split(|c: char| !c.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .filter_map(|part| part.parse().ok())
        .collect();
    let [major, minor, ..] = numbers.as_slice() else { bail!("cannot read the version of {tool}: {printed}") };
    if (*major, *minor) < least {
        bail!("{tool} {major}.{minor} is too old: {}.{} or newer is needed", least.0, least.1);
    }
    Ok(())
}

fn system() -> Result<()> {
    if is_debian() { debian() } else { elsewhere() }
}

fn is_debian() -> bool {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let known = release.lines().filter_map(|line| line.split_once('=')).any(|(key, value)| {
        matches!(key, "ID" | "ID_LIKE")
            && value.trim_matches('"').split(' ').any(|id| matches!(id, "debian" | "ubuntu"))
    });
    known && has_program("apt-get") && has_program("dpkg-query")
}

fn debian() -> Result<()> {
    let installed = output("dpkg-query", &["-W", "-f", "${Package}:${Status}\n"])?;
    let installed: BTreeSet<&str> =
        installed.lines().filter_map(|line| line.strip_suffix(":install ok installed")).collect();
    // Ubuntu's chromium is a snap without a driver beside it; any chromium on the path will do.
    let missing: Vec<&str> = DEBIAN
        .iter()
        .map(|(package, _)| *package)
        .filter(|package| !installed.contains(package))
        .filter(|package| !(package.starts_with("chromium") && has_program(&package.replace("-driver", "driver"))))
        .collect();
    if missing.is_empty() {
        say("system packages: all there");
        return Ok(());
    }
    say(&format!("system packages: installing {}", missing.join(" ")));
    for (package, purpose) in DEBIAN.iter().filter(|(package, _)| missing.contains(package)) {
        println!("    {package:24} {purpose}");
    }
    privileged("apt-get", &["update"])?;
    let mut arguments = vec!["install", "-y", "--no-install-recommends"];
    arguments.extend(&missing);
    privileged("apt-get", &arguments)
}

/// As root, or with sudo.
fn privileged(program: &str, arguments: &[&str]) -> Result<()> {
    let root = output("id", &["-u"]).is_ok_and(|id| id.trim() == "0");
    let mut command = if root {
        Command::new(program)
    } else if has_program("sudo") {
        let mut command = Command::new("sudo");
        command.arg(program);
        command
    } else {
        bail!("neither root nor sudo: run as root: {program} {}", arguments.join(" "));
    };
    let status = command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive").status()?;
    if !status.success() {
        bail!("{program} {} failed", arguments.join(" "));
    }
    Ok(())
}

/// Prints the list and goes on when it is there.
fn elsewhere() -> Result<()> {
    let needed: &[(&str, Probe)] = if cfg!(target_os = "linux") { ELSEWHERE } else { &ELSEWHERE[..2] };
    let tests: &[(&str, Probe)] = if cfg!(target_os = "linux") { ELSEWHERE_TESTS } else { &[] };
    let missing = |list: &[(&'static str, Probe)]| -> Vec<&'static str> {
        list.iter().filter(|(_, probe)| !probe.is_there()).map(|(name, _)| *name).collect()
    };
    for name in missing(tests) {
        say(&format!("for the real-window tests, please install: {name}"));
    }
    let mut announced = Vec::new();
    loop {
        let now = missing(needed);
        if now.is_empty() {
            say("system packages: all there");
            return Ok(());
        }
        if now != announced {
            say("this system's package manager is not known here; please install:");
            for name in &now {
                println!("    {name}");
            }
            println!("    (going on by itself when they are there; Ctrl+C to stop)");
            announced = now;
        }
        std::thread::sleep(Duration::from_secs(2));
    }
}

/// Installs what the lock file names, unless it was done from this very file.
///
/// `npm install` without saving, not `npm ci`: some optional packages of other
/// systems are listed by their parents but absent from the registry, and only
/// `ci` takes that for a lock file out of step.
pub fn npm(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let stamp = folder.join("node_modules/.trunkline-lock");
    let wanted = std::fs::read(&lock).with_context(|| format!("{} is missing", lock.display()))?;
    if std::fs::read(&stamp).is_ok_and(|have| have == wanted) {
        say(&format!("npm packages of {}: all there", folder.display()));
        return Ok(());
    }
    say(&format!("npm packages of {}: installing", folder.display()));
    run_in(folder, "npm", &["install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund"], &[])?;
    std::fs::write(&stamp, wanted)?;
    Ok(())
}

/// A virtual environment in `.venv` with what `requirements.txt` names, unless it
/// was made from this very file and its interpreter is still there.
fn python(folder: &Path) -> Result<()> {
    let list = folder.join("requirements.txt");
    let home = folder.join(".venv");
    let stamp = home.join(".trunkline-requirements");
    let interpreter = home.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
    let wanted = std::fs::read(&list).with_context(|| format!("{} is missing", list.display()))?;
    if interpreter.is_file() && std::fs::read(&stamp).is_ok_and(|have| have == wanted) {
        say(&format!("Python packages of {}: all there", folder.display()));
        return Ok(());
    }
    say(&format!("Python packages of {}: installing", folder.display()));
    // Half an environment is none.
    if home.exists() {
        std::fs::remove_dir_all(&home)?;
    }
    let system = if cfg!(windows) { "python" } else { "python3" };
    run_in(folder, system, &["-m", "venv", ".venv"], &[]).context("Python 3.10 or newer with venv is needed")?;
    let (interpreter, list) = (interpreter.display().to_string(), list.display().to_string());
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", &list];
    run_in(Path::new("."), &interpreter, &pip, &[])?;
    std::fs::write(&stamp, wanted)?;
    Ok(())
}

/// The program is on the path.
pub fn has_program(name: &str) -> bool {
    std::env::var_os("PATH").is_some_and(|path| {
        std::env::split_paths(&path)
            .chain(["/usr/sbin".into(), "/usr/bin".into()])
            .any(|folder| folder.join(name).is_file() || folder.join(format!("{name}.exe")).is_file())
    })
}
