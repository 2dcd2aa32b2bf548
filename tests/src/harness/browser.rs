//! A browser that only writes down what it is asked to open.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use anyhow::Result;

use super::desktop::Desktop;

/// The desktop's way to open an address.
const OPENER: &str = "xdg-open";

/// What was opened, in order.
pub struct Browser {
    log: PathBuf,
}

impl Browser {
    /// For programs that are started on the desktop from now on.
    pub fn install(desktop: &mut Desktop) -> Result<Self> {
        let (folder, log) = (desktop.path("browser"), desktop.path("browser/opened"));
        std::fs::create_dir_all(&folder)?;
        let opener = folder.join(OPENER);
        std::fs::write(&opener, format!("#!/bin/sh\nprintf '%s\\n' \"$1\" >> '{}'\n", log.display()))?;
        std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755))?;
        let path = std::env::var("PATH").unwrap_or_default();
        desktop.set("PATH", format!("{}:{path}", folder.display()));
        Ok(Self { log })
    }

    /// Addresses so far.
    pub fn opened(&self) -> Vec<String> {
        let written = std::fs::read_to_string(&self.log).unwrap_or_default();
        written.lines().map(str::to_owned).collect()
    }
}
