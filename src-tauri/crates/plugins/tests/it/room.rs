//! A desk, a broker, and pages that are this test.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use trunkline_connector::{Envelope, Event};
use trunkline_desk::{Desk, DeskPatch, Input};
use trunkline_model::{Contact, ContactAction, ContactState, PluginId, UnixMillis};
use trunkline_plugins::{Broker, Deed, FrameNews, Manifest, Order, Plugin, Posted, Said, Standing};
use trunkline_rpc::schema::{PluginPermission, PluginSource, PluginState};
use trunkline_rpc::{Push, RpcCode, RpcError};
use trunkline_testkit::cast::{self, AGENT_ONE, CUSTOMER_ONE};

/// One plugin in a room with one account, `AGENT_ONE`'s.
pub struct Room {
    pub desk: Desk,
    pub broker: Broker,
    pub now: UnixMillis,
}

pub fn id() -> PluginId {
    PluginId::from("card")
}

pub fn manifest(place: &str) -> Manifest {
    let all: Vec<Value> = PluginPermission::ALL.iter().map(|right| serde_json::to_value(right).unwrap()).collect();
    let text = json!({"manifest": 1, "id": "card", "name": "Card", "place": place, "permissions": all});
    Manifest::parse(&text.to_string()).unwrap()
}

pub fn plugin(place: &str, rights: &[PluginPermission]) -> Plugin {
    let granted = PluginPermission::ALL.iter().map(|right| (*right, rights.contains(right))).collect();
    Plugin {
        source: PluginSource::BuiltIn { name: "card".to_owned() },
        manifest: manifest(place),
        standing: Standing { enabled: true, rights: granted, ..Standing::default() },
        fixed: false,
    }
}

impl Room {
    /// Without a plugin.
    pub fn empty() -> Self {
        let said = Said { version: "1.2.3".to_owned(), language: "en".to_owned(), company: None };
        let mut room = Self { desk: Desk::new(), broker: Broker::new(said), now: cast::NOW };
        room.tell(Input::AccountAdded {
            id: AGENT_ONE.account(),
            platform: cast::platform(),
            platform_name: "Platform".to_owned(),
            name: "Work".to_owned(),
            order: 0,
            capabilities: BTreeSet::new(),
        });
        room.event(Event::Agent(Box::new(AGENT_ONE.agent())));
        room
    }

    /// With one that may all it asks for, and whose page is there.
    pub fn with_all_rights() -> Self {
        Self::with(plugin("default", &PluginPermission::ALL))
    }

    pub fn with(plugin: Plugin) -> Self {
        let mut room = Self::empty();
        let orders = room.broker.put(plugin, room.now);
        assert_eq!(orders, [Order::Open(id())], "it is loaded");
        room.frame(FrameNews::Loaded);
        room
    }

    /// The desk takes something in; what follows from it.
    pub fn tell(&mut self, input: Input) -> Vec<Order> {
        let from = self.desk.revision();
        let changes = self.desk.apply(input, self.now).changes;
        if from == 0 {
            let snapshot = Push::Snapshot(Box::new(self.desk.snapshot()));
            return self.broker.desk(&snapshot, self.now);
        }
        if changes.is_empty() {
            return Vec::new();
        }
        let patch = DeskPatch { from, to: self.desk.revision(), changes };
        self.broker.desk(&Push::Patch(patch), self.now)
    }

    pub fn event(&mut self, event: Event) -> Vec<Order> {
        self.tell(Input::Connector(Envelope { account: AGENT_ONE.account(), event }))
    }

    /// The platform shows a contact; names of the events that the page hears.
    pub fn contact(&mut self, contact: Contact) -> Vec<(String, Value)> {
        let orders = self.event(Event::Contact(Box::new(contact)));
        heard(&orders)
    }

    /// A call of customer one's that the agent may do all with.
    pub fn call(state: ContactState) -> Contact {
        let allowed = [ContactAction::AddParty, ContactAction::Conference, ContactAction::End].into();
        Contact { allowed, ..CUSTOMER_ONE.voice_contact(state) }
    }

    pub fn frame(&mut self, news: FrameNews) -> Vec<Order> {
        self.broker.frame(&id(), news, self.now)
    }

    /// The page posts an object.
    pub fn post(&mut self, data: &Value) -> Vec<Order> {
        self.frame(FrameNews::Message(json!({"text": data.is_string(), "data": data}).to_string()))
    }

    /// The page sends a message by our script.
    pub fn send(&mut self, name: &str, payload: Value) -> Vec<Order> {
        let data = json!({"source": "smartagent-plugin-sdk", "v": 1, "id": "p-1", "event": name, "message": payload});
        self.post(&data)
    }

    /// What a deed comes to.
    pub fn settle(&mut self, orders: &[Order], result: Result<Value, &str>) -> Vec<Order> {
        let deed = deed(orders);
        let result = result.map_err(|key| RpcError::new(RpcCode::NotPossible, key));
        self.broker.settled(deed.id, result, self.now)
    }

    pub fn state(&self) -> PluginState {
        self.broker.views().remove(0).state
    }

    pub fn log(&self) -> String {
        self.broker.log(&id()).into_iter().map(|line| line.text).collect::<Vec<_>>().join("\n")
    }
}

/// The one deed among orders.
pub fn deed(orders: &[Order]) -> &Deed {
    let mut deeds = orders.iter().filter_map(|order| match order {
        Order::Do(deed) => Some(deed),
        _ => None,
    });
    let deed = deeds.next().unwrap_or_else(|| panic!("something is done: {orders:?}"));
    assert_eq!(deeds.next(), None, "and one thing only");
    deed
}

/// What is posted into the page.
pub fn posted(orders: &[Order]) -> Vec<Value> {
    let texts = orders.iter().filter_map(|order| match order {
        Order::Post(_, Posted::Object(text) | Posted::Text(text)) => Some(text),
        _ => None,
    });
    texts.map(|text| serde_json::from_str(text).unwrap()).collect()
}

/// Events among them, with what goes with each.
pub fn heard(orders: &[Order]) -> Vec<(String, Value)> {
    let is_event = |value: &&Value| value.get("ok").is_none();
    let all = posted(orders);
    all.iter().filter(is_event).map(|one| (one["event"].as_str().unwrap().to_owned(), one["message"].clone())).collect()
}

pub fn names(events: &[(String, Value)]) -> Vec<&str> {
    events.iter().map(|(name, _)| name.as_str()).collect()
}

/// The one answer among them: what it says, or the code of the refusal.
pub fn answer(orders: &[Order]) -> Result<Value, String> {
    let all = posted(orders);
    let answers: Vec<&Value> = all.iter().filter(|one| one.get("ok").is_some()).collect();
    assert_eq!(answers.len(), 1, "one answer: {all:?}");
    match answers[0]["ok"].as_bool() {
        Some(true) => Ok(answers[0]["message"].clone()),
        _ => Err(answers[0]["error"]["code"].as_str().unwrap().to_owned()),
    }
}
