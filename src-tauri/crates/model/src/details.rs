//! What a platform tells of a contact besides what one works with: where it
//! comes from, what it belongs to, what it can do. Shown to the agent in words.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Attribute, ContactId, Party};

/// How a contact came to be.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Initiation {
    /// The customer called or wrote.
    Inbound,
    /// The agent called or wrote.
    Outbound,
    /// Handed over by another agent.
    Transfer,
    /// Handed over to a queue.
    QueueTransfer,
    /// The customer asked to be called back.
    Callback,
    /// The customer asked to be called back, and is called before the agent is asked.
    CallbackCustomerFirst,
    /// Made by another system.
    Api,
    /// Followed the end of another contact.
    Disconnect,
    /// A call from a web page or an app.
    Web,
    /// The agent answered an e-mail.
    AgentReply,
    /// A campaign: the agent sees the customer before anybody is called.
    CampaignPreview,
    /// Called from outside the contact centre.
    ExternalOutbound,
    /// A supervisor's part in somebody else's contact.
    Monitor,
    /// Made by a flow.
    Flow,
    /// A way we have no words for, with the provider's text.
    #[serde(untagged)]
    Unknown(String),
}

/// The kind of a contact within its channel.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Subtype {
    /// A telephone call.
    Telephone,
    /// A call from a web page or an app.
    WebCall,
    /// A chat of a web page or an app.
    Chat,
    /// Text messages of a telephone.
    Sms,
    /// Apple Messages for Business.
    AppleMessages,
    /// WhatsApp.
    Whatsapp,
    /// A step-by-step guide.
    Guide,
    /// A task.
    Task,
    /// An e-mail.
    Email,
    /// A kind we have no words for, with the provider's text.
    #[serde(untagged)]
    Unknown(String),
}

/// How a customer's signing in within a chat ended.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AuthenticationState {
    /// The customer is who they say.
    Authenticated,
    /// It failed.
    Failed,
    /// The customer did not do it in time.
    TimedOut,
    /// A state we have no words for, with the provider's text.
    #[serde(untagged)]
    Unknown(String),
}

/// Whether the customer has signed in. Text from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CustomerAuthentication {
    /// How it ended.
    pub state: AuthenticationState,
    /// The customer's id at whom they signed in.
    pub customer: Option<String>,
    /// Where the customer signed in.
    pub provider: Option<String>,
}

/// What the platform allows in a contact; absent: it does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Features {
    /// Files.
    pub files: Option<bool>,
    /// Marked-up text.
    pub markdown: Option<bool>,
    /// More than three parties.
    pub several_parties: Option<bool>,
    /// The agent's screen is recorded.
    pub screen_recorded: Option<bool>,
}

/// A medium besides speech that a party can send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Sight {
    /// A camera's picture.
    Video,
    /// A shared screen.
    Screen,
}

/// Everything else of a contact. Text in it is from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ContactDetails {
    /// The first contact of the chain that this one continues.
    pub initial: Option<ContactId>,
    /// Another contact that this one is about.
    pub related: Option<ContactId>,
    /// What groups contacts of one matter (the e-mails of a thread).
    pub association: Option<String>,
    /// How it came to be.
    pub initiation: Option<Initiation>,
    /// Its kind within the channel.
    pub subtype: Option<Subtype>,
    /// Our address that the customer reached.
    pub reached: Option<Party>,
    /// What is allowed in it.
    pub features: Features,
    /// Attributes set by the platform, sorted by name; those told elsewhere left out.
    pub segment: Vec<Attribute>,
    /// Further members of the platform's, sorted by name.
    pub metadata: Vec<Attribute>,
    /// Whether the customer has signed in.
    pub authentication: Option<CustomerAuthentication>,
    /// The customer has the chat open; absent: the platform does not say.
    #[serde(default)]
    pub customer_online: Option<bool>,
    /// The customer may not write to the company any more.
    #[serde(default)]
    pub customer_banned: bool,
    /// A call that was begun with video. The picture itself is not shown here.
    pub video: bool,
}
