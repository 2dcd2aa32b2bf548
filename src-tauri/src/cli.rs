//! The command line, and the same switches as environment variables.

use std::ffi::OsString;
use std::path::PathBuf;

use thiserror::Error;
use trunkline_rpc::schema::PanelView;

/// Shown by `--help`.
pub const USAGE: &str = "\
Usage: trunkline [OPTIONS]

  --demo                   run against the embedded simulator; nothing is kept
  --config-folder FOLDER   settings, history and logs in FOLDER
  --hidden                 start in the tray, without the panel
  --version                print the version
  --help                   print this

To the Trunkline that is running already:
  --show                   show the panel
  --accept                 take the contact that rings
  --decline                decline the contact that rings
  --mute                   mute the call, or un-mute it
  --quit                   go offline and end

To the one that is running, or to this one where none is; nothing is called or made by it:
  --dial [NUMBER]          open the number pad, with NUMBER in it
  --quick-connects         open the quick connects
  --new-task               open a new task
  tel:NUMBER callto:NUMBER as --dial, for links

For those who write plugins:
  plugin new FOLDER        make a plugin that shows who calls
  plugin check FOLDER      say what is wrong with a plugin

Environment:
  TRUNKLINE_DEMO=1                  as --demo
  TRUNKLINE_CONFIG_FOLDER=FOLDER    as --config-folder
  TRUNKLINE_HIDDEN=1                as --hidden
  TRUNKLINE_VAULT=memory            secrets live for this run only
  TRUNKLINE_CA_FILE=FILE            trust the certificate authorities in this PEM file too
  TRUNKLINE_SINGLE_INSTANCE=0       do not look for a running Trunkline
  TRUNKLINE_DROP_VIEW_AFTER=SECONDS drop the hidden panel's web view after this time (60)
  TRUNKLINE_LOG=FILTER              what is logged, whatever the settings say, for example info,trunkline_media=debug
";

/// What one start, or one call of a running Trunkline, asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Show the panel (also: started a second time).
    Show,
    /// Take the contact that rings.
    Accept,
    /// Decline the contact that rings.
    Decline,
    /// Mute the call, or un-mute it.
    Mute,
    /// Show the contact that the agent works on.
    Contact,
    /// Open a view; the text is for the number pad, as it came from outside.
    View(PanelView, Option<String>),
    /// Go offline and end.
    Quit,
}

impl Request {
    /// Makes no sense when nothing runs yet.
    pub fn needs_running_instance(&self) -> bool {
        !matches!(self, Self::Show | Self::View(..))
    }
}

/// The whole command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Invocation {
    /// Against the embedded simulator.
    pub demo: bool,
    /// Settings, history and logs live here.
    pub config_folder: Option<PathBuf>,
    /// Start without the panel.
    pub hidden: bool,
    /// For the running instance.
    pub request: Option<Request>,
    /// Print the version and end.
    pub version: bool,
    /// Print the usage and end.
    pub help: bool,
}

/// The command line cannot be understood.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum UsageError {
    /// No such option.
    #[error("unknown option {0}")]
    Unknown(String),
    /// An option that needs a value has none.
    #[error("{0} needs a value")]
    NoValue(&'static str),
}

/// Reads arguments (without the program's name) over what the environment says.
pub fn parse(
    arguments: impl IntoIterator<Item = OsString>,
    environment: impl Fn(&str) -> Option<OsString>,
) -> Result<Invocation, UsageError> {
    let on = |name: &str| environment(name).is_some_and(|value| !value.is_empty() && value != "0");
    let mut invocation = Invocation {
        demo: on("TRUNKLINE_DEMO"),
        hidden: on("TRUNKLINE_HIDDEN"),
        config_folder: environment("TRUNKLINE_CONFIG_FOLDER").filter(|value| !value.is_empty()).map(PathBuf::from),
        ..Invocation::default()
    };
    let mut arguments = arguments.into_iter().peekable();
    while let Some(argument) = arguments.next() {
        let text = argument.to_string_lossy();
        match text.as_ref() {
            "--demo" => invocation.demo = true,
            "--hidden" => invocation.hidden = true,
            "--version" | "-V" => invocation.version = true,
            "--help" | "-h" => invocation.help = true,
            "--show" => invocation.request = Some(Request::Show),
            "--accept" => invocation.request = Some(Request::Accept),
            "--decline" => invocation.request = Some(Request::Decline),
            "--mute" => invocation.request = Some(Request::Mute),
            "--quit" => invocation.request = Some(Request::Quit),
            "--quick-connects" => invocation.request = Some(Request::View(PanelView::QuickConnects, None)),
            "--new-task" => invocation.request = Some(Request::View(PanelView::NewTask, None)),
            "--dial" => {
                let number = arguments.next_if(|next| !next.to_string_lossy().starts_with("--"));
                let number = number.map(|number| number.to_string_lossy().into_owned());
                invocation.request = Some(Request::View(PanelView::NumberPad, number));
            }
            link if is_link(link) => {
                invocation.request = Some(Request::View(PanelView::NumberPad, Some(link.to_owned())));
            }
            "--config-folder" => match arguments.next() {
                Some(folder) if !folder.is_empty() => invocation.config_folder = Some(folder.into()),
                _ => return Err(UsageError::NoValue("--config-folder")),
            },
            other => match other.split_once('=') {
                Some(("--config-folder", "")) => return Err(UsageError::NoValue("--config-folder")),
                Some(("--config-folder", folder)) => invocation.config_folder = Some(PathBuf::from(folder)),
                Some(("--dial", number)) => {
                    let number = Some(number.to_owned()).filter(|number| !number.is_empty());
                    invocation.request = Some(Request::View(PanelView::NumberPad, number));
                }
                _ => return Err(UsageError::Unknown(text.into_owned())),
            },
        }
    }
    Ok(invocation)
}

/// A link with a number in it. Whether it is one is the core's to say.
fn is_link(text: &str) -> bool {
    let begins = |scheme: &str| text.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme));
    begins("tel:") || begins("callto:")
}

/// What a second start asks of this one. `arguments` begin with the program's
/// name. Whatever cannot be understood still brings the panel up: the agent
/// started Trunkline and wants to see it.
pub fn forwarded(arguments: &[String]) -> Request {
    parse(arguments.iter().skip(1).map(OsString::from), |_| None)
        .ok()
        .and_then(|invocation| invocation.request)
        .unwrap_or(Request::Show)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    #[test]
    fn wrong_command_lines_are_named() {
        assert_eq!(
            parse(words("--frobnicate"), |_| None),
            Err(UsageError::Unknown("--frobnicate".to_owned())),
            "an unknown option is refused by name, not ignored"
        );
        assert_eq!(
            parse(words("--config-folder"), |_| None),
            Err(UsageError::NoValue("--config-folder")),
            "a folder option without a folder is refused"
        );
    }

    #[test]
    fn arguments_win_over_the_environment() {
        let environment = |name: &str| (name == "TRUNKLINE_CONFIG_FOLDER").then(|| OsString::from("/from/environment"));
        let invocation = parse(words("--config-folder /from/arguments --hidden"), environment).unwrap();
        assert_eq!(
            invocation.config_folder,
            Some(PathBuf::from("/from/arguments")),
            "the folder on the command line is the one used"
        );
        assert!(invocation.hidden, "--hidden is understood beside other options");
        let invocation = parse(words(""), environment).unwrap();
        assert_eq!(
            invocation.config_folder,
            Some(PathBuf::from("/from/environment")),
            "without the option the environment's folder is used"
        );
    }

    #[test]
    fn zero_switches_off() {
        let invocation = parse(words(""), |name| (name == "TRUNKLINE_DEMO").then(|| OsString::from("0"))).unwrap();
        assert!(!invocation.demo, "TRUNKLINE_DEMO=0 is not demo mode");
    }

    #[test]
    fn a_number_is_handed_over_as_it_came_and_needs_nobody_to_run() {
        let pad = |number: &str| Request::View(PanelView::NumberPad, Some(number.to_owned()));
        let of = |arguments: &[&str]| {
            let arguments = ["trunkline"].iter().chain(arguments).map(|one| (*one).to_owned()).collect::<Vec<_>>();
            forwarded(&arguments)
        };
        let long = format!("tel:{}", "9".repeat(10_000));
        for hostile in ["tel:", "tel:+49\u{7}\n30", "TEL:;postd=22", long.as_str(), "callto:--quit"] {
            assert_eq!(of(&[hostile]), pad(hostile), "a link is a number pad and nothing else, whatever is in it");
        }
        assert_eq!(of(&["--dial", "+4930123456"]), pad("+4930123456"), "a number to fill in");
        assert_eq!(of(&["--dial=+4930123456"]), pad("+4930123456"), "written together");
        assert_eq!(of(&["--dial=--quit"]), pad("--quit"), "where anything is a number to look at");
        assert_eq!(of(&["--dial="]), Request::View(PanelView::NumberPad, None), "also when there is none");
        assert_eq!(of(&["--dial"]), Request::View(PanelView::NumberPad, None), "or none");
        assert_eq!(of(&["--dial", "--quit"]), Request::Quit, "another option is no number");
        assert_eq!(of(&["--new-task"]), Request::View(PanelView::NewTask, None), "a task");
        assert_eq!(of(&["--quick-connects"]), Request::View(PanelView::QuickConnects, None), "the directory");
        assert_eq!(of(&["sip:one@example.com"]), Request::Show, "another kind of link only shows the panel");
        assert!(!pad("110").needs_running_instance(), "where nothing runs the panel starts with it");
    }

    #[test]
    fn a_second_start_shows_the_panel_unless_it_asks_for_more() {
        let of = |line: &str| forwarded(&line.split(' ').map(str::to_owned).collect::<Vec<_>>());
        assert_eq!(of("trunkline"), Request::Show, "a plain second start shows the panel");
        assert_eq!(of("trunkline --accept"), Request::Accept, "--accept is carried to the running instance");
        assert_eq!(of("trunkline --nonsense"), Request::Show, "nonsense from outside only shows the panel");
        assert!(Request::Accept.needs_running_instance(), "accept without a running instance is an error");
        assert!(!Request::Show.needs_running_instance(), "show without a running instance is a plain start");
    }
}
