//! Where files are kept.

use std::ffi::OsString;
use std::path::PathBuf;

/// The folders of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folders {
    /// Settings and window positions.
    pub config: PathBuf,
    /// History, unsent messages and ringtones.
    pub data: PathBuf,
    /// Files fetched from conversations; `None`: the user's own downloads folder.
    pub downloads: Option<PathBuf>,
    /// Logs.
    pub logs: PathBuf,
    /// Marks of this program's own: hints that were given, `panel-shown`.
    pub state: PathBuf,
    /// The web view's caches. The panel keeps nothing there.
    pub view: PathBuf,
}

impl Folders {
    /// All below one folder (`--config-folder`, demo mode).
    pub fn below(folder: PathBuf) -> Self {
        Self {
            data: folder.join("data"),
            downloads: Some(folder.join("downloads")),
            logs: folder.join("logs"),
            state: folder.join("state"),
            view: folder.join("view"),
            config: folder,
        }
    }

    /// The XDG base directories (freedesktop.org, version 0.8): relative values are
    /// ignored, as the specification demands. `None` without a home.
    pub fn of_user(environment: impl Fn(&str) -> Option<OsString>) -> Option<Self> {
        let absolute = |name: &str| environment(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("HOME");
        let base = |name: &str, below_home: &str| {
            absolute(name)
                .or_else(|| home.as_ref().map(|home| home.join(below_home)))
                .map(|base| base.join("trunkline"))
        };
        Some(Self {
            config: base("XDG_CONFIG_HOME", ".config")?,
            data: base("XDG_DATA_HOME", ".local/share")?,
            downloads: None,
            logs: base("XDG_STATE_HOME", ".local/state")?.join("logs"),
            state: base("XDG_STATE_HOME", ".local/state")?,
            view: base("XDG_CACHE_HOME", ".cache")?.join("view"),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn relative_folders_in_the_environment_are_ignored() {
        let environment = |name: &str| match name {
            "HOME" => Some(OsString::from("/home/agent-one")),
            "XDG_CONFIG_HOME" => Some(OsString::from("relative")),
            "XDG_DATA_HOME" => Some(OsString::from("/elsewhere")),
            _ => None,
        };
        let folders = Folders::of_user(environment).unwrap();
        assert_eq!(folders.config, PathBuf::from("/home/agent-one/.config/trunkline"), "a relative folder is not used");
        assert_eq!(folders.data, PathBuf::from("/elsewhere/trunkline"), "an absolute folder is used");
    }

    #[test]
    fn no_home_is_told_not_guessed() {
        assert_eq!(Folders::of_user(|_| None), None, "without a home there is no folder, rather than one at /");
    }
}
