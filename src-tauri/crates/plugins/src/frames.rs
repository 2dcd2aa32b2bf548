//! The port to where plugins are shown: the shell has one, tests have another.

use std::collections::BTreeMap;
use std::path::PathBuf;

use tokio::sync::mpsc;
use trunkline_model::PluginId;
use trunkline_rpc::schema::PluginArea;
use url::Url;

/// Where plugins are shown. Calls return at once; all of them may come from any thread.
pub trait Frames: Send + Sync + 'static {
    /// Where the frames tell what happens in them, before the first is opened.
    fn listen(&self, sink: FrameSink);
    /// Plugins can be shown on this system.
    fn supported(&self) -> bool;
    /// Built-in plugins: the folder's name and its manifest's text.
    fn built_in(&self) -> Vec<(String, String)>;
    /// Loads a plugin, out of sight. One that is there already is replaced.
    fn open(&self, spec: FrameSpec);
    /// Posts a message into its page.
    fn post(&self, plugin: &PluginId, message: Posted);
    /// Which plugins are seen, and where. All others are out of sight, and stay loaded.
    fn arrange(&self, places: BTreeMap<PluginId, PluginArea>);
    /// The panel's window is wide enough for a second column, or as it was before.
    fn widen(&self, wide: bool);
    /// Unloads it.
    fn close(&self, plugin: &PluginId);
}

/// What a frame is to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameSpec {
    /// Whose.
    pub plugin: PluginId,
    /// Its page: `plugin://ID/...`, or on a web server.
    pub page: Url,
    /// Where the files of a `plugin:` address are.
    pub files: FrameFiles,
    /// Files that are replaced by one of our scripts: path to name of the script.
    pub facades: BTreeMap<String, String>,
    /// Further origins that it may load from, talk to, and show.
    pub origins: Vec<String>,
    /// A folder of its own, for what the page keeps.
    pub storage: PathBuf,
}

/// Where the files of a plugin are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameFiles {
    /// In a folder of this computer.
    Folder(PathBuf),
    /// In the program: the name of its folder there.
    BuiltIn(String),
    /// On a web server.
    Web,
}

/// What is posted into a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Posted {
    /// JSON text, posted as the value it stands for.
    Object(String),
    /// Posted as text.
    Text(String),
}

/// How much a line that a page wrote matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameLog {
    /// `console.log` and the like.
    Info,
    /// `console.warn`.
    Warn,
    /// `console.error`, an exception that nobody caught.
    Error,
}

/// What a page tried and may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Going elsewhere.
    Navigation,
    /// Opening a window.
    Popup,
    /// Saving a file.
    Download,
    /// Camera, microphone, place, notifications and the like.
    Device,
    /// `alert` and its kin.
    Dialog,
    /// Loading something.
    Request,
}

/// What a frame tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameNews {
    /// Its page is there, also after the page loaded itself again.
    Loaded,
    /// It is not, in the system's words.
    LoadFailed(String),
    /// One message of the page: JSON `{"text": bool, "data": ...}`.
    Message(String),
    /// Messages that were dropped before anybody looked into them.
    Dropped {
        /// Too many.
        messages: u32,
        /// Too large.
        too_large: u32,
    },
    /// A line of the page's.
    Log {
        /// How much it matters.
        level: FrameLog,
        /// At most 2 KiB.
        text: String,
    },
    /// The page tried what it may not.
    Refused {
        /// What.
        what: Refused,
        /// Where to, or what it was about.
        to: String,
    },
    /// The page does not answer.
    Frozen,
    /// It answers again.
    Answers,
    /// It has ended, in the system's words.
    Crashed(String),
}

/// Takes what frames tell. Bounded: a frame never waits for it.
pub type FrameSink = mpsc::Sender<(PluginId, FrameNews)>;
