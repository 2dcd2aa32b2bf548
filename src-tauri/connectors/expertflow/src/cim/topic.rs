//! `onTopicData` of a long conversation: what happened before is left as text, to be
//! read piece by piece. Each event repeats the whole channel session, so that a
//! conversation of thousands of messages is many megabytes; what repeats is read once.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use trunkline_wire::socketio::with_whole_letters;

use super::event::{CimEvent, Unreadable};

/// Where in the argument the earlier events are.
const EVENTS: &[&str] = &["topicData", "topicEvents"];
/// Different channel sessions that are known at a time: a customer has few.
const SESSIONS: usize = 8;

/// What was told of a conversation.
#[derive(Clone, Debug)]
pub struct Topic {
    /// The argument of `onTopicData`, without the events of `earlier`.
    pub argument: Value,
    /// What happened before.
    pub earlier: Earlier,
}

impl Topic {
    /// Reads the list of an event's name and arguments, as it stands in a frame. Where
    /// it is not as agreed everything is read at once; `None`: it is no JSON.
    pub fn read(list: String) -> Option<Self> {
        split(list).map_or_else(
            |list| Some(Self::of(json(&list).ok()?.as_array_mut()?.get_mut(1).map(Value::take).unwrap_or_default())),
            Some,
        )
    }

    /// Of an argument that is read already.
    pub fn of(mut argument: Value) -> Self {
        let events = argument.get_mut("topicData").and_then(|data| data.get_mut("topicEvents")).map(Value::take);
        let events = if let Some(Value::Array(events)) = events { events } else { Vec::new() };
        Self { argument, earlier: Earlier { events: Events::Read(events.into()) } }
    }
}

/// Events that happened before a conversation was joined, oldest first.
#[derive(Clone)]
pub struct Earlier {
    events: Events,
}

#[derive(Clone)]
enum Events {
    Read(Arc<[Value]>),
    /// Text, and where in it each stands.
    Text(Arc<String>, Arc<[Range<usize>]>),
}

impl fmt::Debug for Earlier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What was said is nothing for a log.
        f.debug_struct("Earlier").field("events", &self.len()).finish_non_exhaustive()
    }
}

impl Earlier {
    /// How many.
    pub fn len(&self) -> usize {
        match &self.events {
            Events::Read(events) => events.len(),
            Events::Text(_, places) => places.len(),
        }
    }

    /// There are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Reads one, and gives it to `take`. `known` is what was read of others.
    pub fn read<T>(
        &self,
        number: usize,
        known: &mut Repeated,
        take: impl FnOnce(Result<CimEvent<'_>, Unreadable>) -> T,
    ) -> T {
        let text = match &self.events {
            Events::Read(events) => return take(CimEvent::read(events.get(number).unwrap_or(&Value::Null))),
            Events::Text(text, places) => places.get(number).and_then(|place| text.get(place.clone())),
        };
        let text = text.unwrap_or("null");
        let apart = serde_json::Deserializer::from_str(text).deserialize_map(EventVisitor);
        match apart {
            Ok((event, session)) => {
                let session = session.and_then(|text| known.session(text)).unwrap_or(&Value::Null);
                take(CimEvent::read(&event).map(|event| event.with_session(session)))
            }
            // Text in place of an object, half a letter, or no event at all.
            Err(_) => match json(text) {
                Ok(event) => take(CimEvent::read(&event)),
                Err(error) => take(Err(Unreadable::not_json(text, &error))),
            },
        }
    }
}

/// JSON, also where JavaScript cut a letter in two.
fn json(text: &str) -> serde_json::Result<Value> {
    serde_json::from_str(text).or_else(|_| serde_json::from_str(&with_whole_letters(text)))
}

/// Channel sessions that were read, by their text.
#[derive(Clone, Default)]
pub struct Repeated(Vec<(String, Value)>);

impl fmt::Debug for Repeated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Repeated").field(&self.0.len()).finish()
    }
}

impl Repeated {
    /// `None`: it is no JSON.
    fn session(&mut self, text: &str) -> Option<&Value> {
        match self.0.iter().position(|(known, _)| known == text) {
            // The one that was met last is the likeliest to be met next.
            Some(at) => self.0.get_mut(..=at)?.rotate_right(1),
            None => {
                let value = json(text).ok()?;
                self.0.truncate(SESSIONS - 1);
                self.0.insert(0, (text.to_owned(), value));
            }
        }
        self.0.first().map(|(_, value)| value)
    }
}

/// Gives the text back where it is not as agreed.
fn split(list: String) -> Result<Topic, String> {
    let begins = list.as_ptr() as usize;
    let parts = serde_json::from_str::<Parts<'_>>(&list).map(|parts| {
        let place = |event: &RawValue| {
            let at = event.get().as_ptr() as usize - begins;
            at..at + event.get().len()
        };
        (parts.argument, parts.events.iter().map(|event| place(event)).collect())
    });
    match parts {
        Ok((argument, places)) => Ok(Topic {
            argument: Value::Object(argument),
            earlier: Earlier { events: Events::Text(Arc::new(list), places) },
        }),
        Err(_) => Err(list),
    }
}

struct Parts<'t> {
    argument: Map<String, Value>,
    events: Vec<&'t RawValue>,
}

impl<'t> serde::Deserialize<'t> for Parts<'t> {
    fn deserialize<D: Deserializer<'t>>(list: D) -> Result<Self, D::Error> {
        list.deserialize_seq(ListVisitor)
    }
}

/// `["onTopicData", {…}]`
struct ListVisitor;

impl<'t> Visitor<'t> for ListVisitor {
    type Value = Parts<'t>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name and a conversation")
    }

    fn visit_seq<A: SeqAccess<'t>>(self, mut list: A) -> Result<Parts<'t>, A::Error> {
        list.next_element::<IgnoredAny>()?;
        let mut events = Vec::new();
        let argument = list.next_element_seed(Without { path: EVENTS, events: &mut events })?;
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Parts { argument: argument.ok_or_else(|| A::Error::custom("no argument"))?, events })
    }
}

/// An object as it is, but for the list at the end of `path`, which stays text.
struct Without<'e, 't> {
    path: &'static [&'static str],
    events: &'e mut Vec<&'t RawValue>,
}

impl<'t> DeserializeSeed<'t> for Without<'_, 't> {
    type Value = Map<String, Value>;

    fn deserialize<D: Deserializer<'t>>(self, object: D) -> Result<Self::Value, D::Error> {
        object.deserialize_map(self)
    }
}

impl<'t> Visitor<'t> for Without<'_, 't> {
    type Value = Map<String, Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let Self { path, events } = self;
        let mut read = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = match path.split_first() {
                Some((first, [])) if name == *first => {
                    *events = members.next_value()?;
                    Value::Null
                }
                Some((first, path)) if name == *first => {
                    Value::Object(members.next_value_seed(Without { path, events: &mut *events })?)
                }
                _ => members.next_value()?,
            };
            read.insert(name, value);
        }
        Ok(read)
    }
}

/// An event without its channel session, and the session's text.
struct EventVisitor;

impl<'t> Visitor<'t> for EventVisitor {
    type Value = (Value, Option<&'t str>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'t>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let (mut event, mut session) = (Map::new(), None);
        while let Some(name) = members.next_key::<String>()? {
            if name == "channelSession" {
                session = Some(members.next_value::<&RawValue>()?.get());
            } else {
                event.insert(name, members.next_value()?);
            }
        }
        Ok((Value::Object(event), session))
    }
}
