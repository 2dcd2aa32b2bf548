//! Which notification is where: a state machine without a bus.
//!
//! Inputs by origin:
//!
//! | origin | inputs |
//! | --- | --- |
//! | the desk | `offer`, `withdraw`, `say` |
//! | the notification server | `arrived` (answer to a Notify), `pressed`, `closed` |
//! | the bus | `server_up`, `server_down` |
//!
//! Each offer moves so (`-` is the start and the end):
//!
//! | from | input | to | done |
//! | --- | --- | --- | --- |
//! | - | offer | sending | Notify |
//! | sending | offer | sending, changed | |
//! | sending | withdraw | sending, withdrawn | |
//! | sending | arrived | shown | |
//! | sending, changed | arrived | sending | Notify in its place |
//! | sending, withdrawn | arrived | - | Close |
//! | sending | arrived with an error | failed | |
//! | shown | offer | sending | Notify in its place |
//! | shown | withdraw | - | Close |
//! | shown | pressed | shown | Press (the desk withdraws it) |
//! | shown | closed | dismissed | |
//! | dismissed | pressed | dismissed | Press (its signal was overtaken) |
//! | dismissed, failed | withdraw | - | |
//! | any | server_up | sending | Notify |
//!
//! A plain message about a contact or an event is remembered by its id, so that a
//! press on it shows that and takes it away; nothing else is done about messages.

use std::collections::{BTreeMap, VecDeque};

use trunkline_core::SubjectKey;
use trunkline_desk::Offer;
use trunkline_model::ContactKey;

use super::text::{self, Text};
use crate::words::Language;

/// What a press on a notification asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Press {
    /// Take the contact: its button, or the notification itself.
    Accept(ContactKey),
    /// Decline the contact.
    Decline(ContactKey),
    /// Show what a message is about.
    Show(SubjectKey),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Act {
    /// Show, in place of `replaces` (0: as a new one).
    Notify {
        /// Whose; `None` for a plain message.
        contact: Option<ContactKey>,
        /// What a plain message is about; its id is wanted then.
        about: Option<SubjectKey>,
        /// Server's id to replace.
        replaces: u32,
        /// Words, escaped where the server wants that.
        text: Text,
        /// Key and label in turn, as the specification has them.
        actions: Vec<&'static str>,
    },
    /// Take away.
    Close(u32),
    /// The agent pressed.
    Press(Press),
    /// Something this computer lacks, or has again.
    Limit(&'static str, bool),
}

/// What the server can do, from `GetCapabilities`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Abilities {
    /// Buttons.
    pub actions: bool,
    /// The body is mark-up.
    pub markup: bool,
}

impl Abilities {
    fn body(self, plain: &str) -> String {
        if self.markup { text::escape(plain) } else { text::without_tags(plain) }
    }
}

#[derive(Debug)]
enum Place {
    Sending {
        replaces: u32,
        changed: bool,
        withdrawn: bool,
    },
    Shown(u32),
    /// With its id: a server sends "closed" beside "pressed", and either may be handled first.
    Dismissed(u32),
    Failed,
}

/// All notifications of this run.
#[derive(Debug, Default)]
pub struct Board {
    server: Option<Abilities>,
    language: Language,
    offers: BTreeMap<ContactKey, (Offer, Place)>,
    /// Presses on ids whose Notify has not been answered yet.
    early: Vec<(u32, String)>,
    /// Messages whose id is not known yet.
    saying: usize,
    /// What the latest messages are about, by their ids, the oldest first.
    said: VecDeque<(u32, SubjectKey)>,
}

/// Messages that can still be pressed.
const SAID: usize = 32;

/// Presses kept for ids that are not known yet.
const EARLY: usize = 16;

impl Board {
    /// What is shown from now on is in this language.
    pub fn speak(&mut self, language: Language) {
        self.language = language;
    }

    /// A contact is offered, or its offer has changed.
    pub fn offer(&mut self, offer: Offer) -> Vec<Act> {
        let key = offer.key.clone();
        let Some(server) = self.server else {
            self.offers.insert(key, (offer, Place::Failed));
            return Vec::new();
        };
        let Some((known, place)) = self.offers.get_mut(&key) else {
            let act = notify(&offer, 0, server, self.language);
            self.offers.insert(key, (offer, Place::Sending { replaces: 0, changed: false, withdrawn: false }));
            return vec![act];
        };
        let words = self.language;
        let same_words =
            text::of_offer(known, words) == text::of_offer(&offer, words) && known.can_reject == offer.can_reject;
        *known = offer;
        match place {
            Place::Sending { changed, withdrawn, .. } => {
                *changed |= !same_words;
                *withdrawn = false;
                Vec::new()
            }
            Place::Shown(id) if !same_words => {
                let act = notify(known, *id, server, words);
                *place = Place::Sending { replaces: *id, changed: false, withdrawn: false };
                vec![act]
            }
            Place::Shown(_) | Place::Dismissed(_) | Place::Failed => Vec::new(),
        }
    }

    /// The contact does not ring any more.
    pub fn withdraw(&mut self, key: &ContactKey) -> Vec<Act> {
        match self.offers.get_mut(key) {
            Some((_, Place::Sending { withdrawn, .. })) => {
                *withdrawn = true;
                Vec::new()
            }
            Some((_, Place::Shown(id))) => {
                let act = Act::Close(*id);
                self.offers.remove(key);
                vec![act]
            }
            Some((_, Place::Dismissed(_) | Place::Failed)) => {
                self.offers.remove(key);
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// A plain message.
    pub fn say(&mut self, text: Text, about: Option<SubjectKey>) -> Vec<Act> {
        let Some(server) = self.server else { return Vec::new() };
        let body = server.body(&text.body);
        let text = Text { summary: text.summary, body };
        let about = about.filter(|_| server.actions);
        let actions = if about.is_some() { vec!["default", self.language.show()] } else { Vec::new() };
        self.saying += usize::from(about.is_some());
        vec![Act::Notify { contact: None, about, replaces: 0, text, actions }]
    }

    /// The server answered a message about something with its id, or with an error.
    pub fn said(&mut self, about: SubjectKey, id: Option<u32>) -> Vec<Act> {
        self.saying = self.saying.saturating_sub(1);
        let Some(id) = id else { return Vec::new() };
        self.said.retain(|(known, _)| *known != id);
        self.said.push_back((id, about.clone()));
        if self.said.len() > SAID {
            self.said.pop_front();
        }
        let early = self.early.extract_if(.., |(early, action)| *early == id && action == "default");
        early.flat_map(|_| show(&about, id)).collect()
    }

    /// The server answered a Notify with its id, or with an error (`None`).
    pub fn arrived(&mut self, key: &ContactKey, id: Option<u32>) -> Vec<Act> {
        let Some(server) = self.server else { return Vec::new() };
        let Some((offer, place)) = self.offers.get_mut(key) else {
            return id.map(Act::Close).into_iter().collect();
        };
        let Place::Sending { changed, withdrawn, .. } = *place else { return Vec::new() };
        let Some(id) = id else {
            if withdrawn {
                self.offers.remove(key);
            } else {
                *place = Place::Failed;
            }
            return Vec::new();
        };
        if withdrawn {
            self.offers.remove(key);
            return vec![Act::Close(id)];
        }
        let mut acts = Vec::new();
        if changed {
            acts.push(notify(offer, id, server, self.language));
            *place = Place::Sending { replaces: id, changed: false, withdrawn: false };
        } else {
            *place = Place::Shown(id);
        }
        for (_, action) in self.early.extract_if(.., |(early, _)| *early == id) {
            acts.extend(press(key, &action).map(Act::Press));
        }
        acts
    }

    /// The agent pressed a button (`accept`, `decline`) or the notification itself (`default`).
    pub fn pressed(&mut self, id: u32, action: &str) -> Vec<Act> {
        if let Some(key) = self.key_of(id) {
            return press(&key, action).map(Act::Press).into_iter().collect();
        }
        if let Some((_, about)) = self.said.iter().find(|(known, _)| *known == id) {
            return if action == "default" { show(about, id) } else { Vec::new() };
        }
        // Some servers send the signal before the answer to Notify.
        let awaited = self.saying > 0 || self.offers.values().any(|(_, place)| matches!(place, Place::Sending { .. }));
        if awaited && self.early.len() < EARLY {
            self.early.push((id, action.to_owned()));
        }
        Vec::new()
    }

    /// The notification is gone without a press: it still rings, and the
    /// incoming window is there, but it is not put up again.
    pub fn closed(&mut self, id: u32) {
        if let Some(key) = self.key_of(id)
            && let Some((_, place @ Place::Shown(_))) = self.offers.get_mut(&key)
        {
            *place = Place::Dismissed(id);
        }
    }

    /// A server is there (again): whatever rings is shown by it.
    pub fn server_up(&mut self, abilities: Abilities) -> Vec<Act> {
        self.server = Some(abilities);
        self.forget_messages();
        let mut acts = vec![
            Act::Limit("limit_notifications_absent", false),
            Act::Limit("limit_notifications_without_buttons", !abilities.actions),
        ];
        self.offers.retain(|_, (_, place)| !matches!(place, Place::Sending { withdrawn: true, .. }));
        for (offer, place) in self.offers.values_mut() {
            acts.push(notify(offer, 0, abilities, self.language));
            *place = Place::Sending { replaces: 0, changed: false, withdrawn: false };
        }
        acts
    }

    /// No server answers.
    pub fn server_down(&mut self) -> Vec<Act> {
        self.server = None;
        self.forget_messages();
        self.offers.retain(|_, (_, place)| !matches!(place, Place::Sending { withdrawn: true, .. }));
        for (_, place) in self.offers.values_mut() {
            *place = Place::Failed;
        }
        vec![
            Act::Limit("limit_notifications_absent", true),
            // One message at a time: without a server its missing buttons are no news.
            Act::Limit("limit_notifications_without_buttons", false),
        ]
    }

    /// Another server has other ids.
    fn forget_messages(&mut self) {
        self.early.clear();
        self.said.clear();
        self.saying = 0;
    }

    fn key_of(&self, wanted: u32) -> Option<ContactKey> {
        self.offers
            .iter()
            .find(|(_, (_, place))| match place {
                Place::Shown(id) | Place::Dismissed(id) => *id == wanted,
                Place::Sending { replaces, .. } => *replaces == wanted && wanted != 0,
                Place::Failed => false,
            })
            .map(|(key, _)| key.clone())
    }
}

/// What was pressed is looked at now. Not every server takes it away by itself.
fn show(about: &SubjectKey, id: u32) -> Vec<Act> {
    vec![Act::Press(Press::Show(about.clone())), Act::Close(id)]
}

fn press(key: &ContactKey, action: &str) -> Option<Press> {
    match action {
        "default" | "accept" => Some(Press::Accept(key.clone())),
        "decline" => Some(Press::Decline(key.clone())),
        _ => None,
    }
}

fn notify(offer: &Offer, replaces: u32, server: Abilities, words: Language) -> Act {
    let Text { summary, body } = text::of_offer(offer, words);
    let body = server.body(&body);
    let mut actions = Vec::new();
    if server.actions {
        actions.extend(["default", words.accept(), "accept", words.accept()]);
        if offer.can_reject {
            actions.extend(["decline", words.decline()]);
        }
    }
    let text = Text { summary, body };
    Act::Notify { contact: Some(offer.key.clone()), about: None, replaces, text, actions }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{key, offer};

    const FULL: Abilities = Abilities { actions: true, markup: true };

    fn with_server() -> Board {
        let mut board = Board::default();
        board.server_up(FULL);
        board
    }

    #[test]
    fn an_offer_withdrawn_before_the_server_answers_is_closed_when_it_does() {
        let mut board = with_server();
        assert_eq!(board.offer(offer("one")).len(), 1, "the offer is sent to the server");
        assert_eq!(board.withdraw(&key("one")), vec![], "there is no id to close yet");
        assert_eq!(board.arrived(&key("one"), Some(7)), vec![Act::Close(7)], "a late notification goes away at once");
        assert_eq!(board.pressed(7, "accept"), vec![], "and a press on it does nothing any more");
    }

    #[test]
    fn a_press_that_overtakes_the_answer_counts() {
        let mut board = with_server();
        board.offer(offer("one"));
        assert_eq!(board.pressed(7, "accept"), vec![], "the id is not known yet");
        assert_eq!(
            board.arrived(&key("one"), Some(7)),
            vec![Act::Press(Press::Accept(key("one")))],
            "the press is carried out as soon as it is"
        );
    }

    #[test]
    fn a_press_overtaken_by_its_own_closing_counts() {
        let mut board = with_server();
        board.offer(offer("one"));
        board.arrived(&key("one"), Some(7));
        board.closed(7);
        assert_eq!(
            board.pressed(7, "accept"),
            vec![Act::Press(Press::Accept(key("one")))],
            "servers close what was pressed: the press still accepts"
        );
        board.withdraw(&key("one"));
        assert_eq!(board.pressed(7, "accept"), vec![], "until the offer is gone");
    }

    #[test]
    fn the_body_and_its_button_accept_and_decline_declines() {
        let mut board = with_server();
        board.offer(offer("one"));
        board.arrived(&key("one"), Some(7));
        for action in ["default", "accept"] {
            assert_eq!(
                board.pressed(7, action),
                vec![Act::Press(Press::Accept(key("one")))],
                "{action} accepts the contact"
            );
        }
        assert_eq!(board.pressed(7, "decline"), vec![Act::Press(Press::Decline(key("one")))], "decline declines it");
        assert_eq!(board.pressed(8, "accept"), vec![], "a press on somebody else's notification is not ours");
    }

    fn about(name: &str) -> SubjectKey {
        SubjectKey::Contact(key(name))
    }

    fn words() -> Text {
        Text { summary: "Customer One wrote".to_owned(), body: "Hello".to_owned() }
    }

    #[test]
    fn a_press_on_a_message_shows_its_contact_also_when_it_overtakes_the_answer() {
        let mut board = with_server();
        let acts = board.say(words(), Some(about("one")));
        assert!(
            matches!(acts.as_slice(), [Act::Notify { contact: None, actions, .. }] if actions.contains(&"default")),
            "it can be pressed, and does not stay like an offer: {acts:?}"
        );
        assert_eq!(board.pressed(9, "default"), vec![], "the id is not known yet");
        let shows = vec![Act::Press(Press::Show(about("one"))), Act::Close(9)];
        assert_eq!(board.said(about("one"), Some(9)), shows, "the press is carried out as soon as it is");
        board.closed(9);
        assert_eq!(board.pressed(9, "default"), shows, "servers close what was pressed: the press counts");
        assert_eq!(board.pressed(9, "accept"), vec![], "a message accepts nothing");
        board.server_up(FULL);
        assert_eq!(board.pressed(9, "default"), vec![], "another server's id is another message");
    }

    #[test]
    fn a_message_about_nothing_or_to_a_server_without_buttons_cannot_be_pressed() {
        let mut board = with_server();
        let acts = board.say(words(), None);
        assert!(
            matches!(acts.as_slice(), [Act::Notify { about: None, actions, .. }] if actions.is_empty()),
            "there is nothing to show: {acts:?}"
        );
        let mut plain = Board::default();
        plain.server_up(Abilities { actions: false, markup: false });
        let acts = plain.say(words(), Some(about("one")));
        assert!(
            matches!(acts.as_slice(), [Act::Notify { about: None, actions, .. }] if actions.is_empty()),
            "no button is sent: {acts:?}"
        );
    }

    #[test]
    fn old_messages_are_forgotten_one_by_one() {
        let mut board = with_server();
        for id in 0..40 {
            board.say(words(), Some(about("one")));
            board.said(about("one"), Some(id));
        }
        assert_eq!(board.said.len(), SAID, "memory does not grow with a day's messages");
        assert_eq!(board.pressed(0, "default"), vec![], "the oldest is forgotten");
        assert_eq!(board.pressed(39, "default").len(), 2, "the newest is not");
    }

    #[test]
    fn a_change_replaces_and_never_adds_a_second_notification() {
        let mut board = with_server();
        board.offer(offer("one"));
        board.arrived(&key("one"), Some(7));
        assert_eq!(board.offer(offer("one")), vec![], "the same words are not sent again");
        let mut changed = offer("one");
        changed.customer.name = Some("Customer Two".to_owned());
        let acts = board.offer(changed);
        assert!(
            matches!(acts.as_slice(), [Act::Notify { replaces: 7, .. }]),
            "changed words take the place of the old ones: {acts:?}"
        );
    }

    #[test]
    fn a_dismissed_notification_stays_away_until_a_new_server() {
        let mut board = with_server();
        board.offer(offer("one"));
        board.arrived(&key("one"), Some(7));
        board.closed(7);
        let mut changed = offer("one");
        changed.customer.name = Some("Customer Two".to_owned());
        assert_eq!(board.offer(changed), vec![], "the agent put it away: a change does not bring it back");
    }

    #[test]
    fn without_a_server_offers_wait_and_the_agent_is_told() {
        let mut board = with_server();
        board.offer(offer("one"));
        board.arrived(&key("one"), Some(7));
        assert_eq!(
            board.server_down().first(),
            Some(&Act::Limit("limit_notifications_absent", true)),
            "the missing server becomes a limit"
        );
        assert_eq!(board.offer(offer("two")), vec![], "nothing is sent to nobody");
        assert_eq!(board.withdraw(&key("one")), vec![], "nor closed there");
        let acts = board.server_up(FULL);
        let shown: Vec<_> = acts.iter().filter(|act| matches!(act, Act::Notify { .. })).collect();
        assert_eq!(shown.len(), 1, "the new server shows what still rings, and only that: {acts:?}");
    }

    #[test]
    fn a_server_without_buttons_gets_none_and_the_agent_is_told() {
        let mut board = Board::default();
        let acts = board.server_up(Abilities { actions: false, markup: false });
        assert!(
            acts.contains(&Act::Limit("limit_notifications_without_buttons", true)),
            "the missing buttons become a limit: {acts:?}"
        );
        let acts = board.offer(offer("one"));
        assert!(
            matches!(acts.as_slice(), [Act::Notify { actions, .. }] if actions.is_empty()),
            "no button is sent: {acts:?}"
        );
    }

    #[test]
    fn an_offer_that_cannot_be_declined_has_no_decline_button() {
        let mut board = with_server();
        let mut fixed = offer("one");
        fixed.can_reject = false;
        let acts = board.offer(fixed);
        assert!(
            matches!(acts.as_slice(), [Act::Notify { actions, .. }] if !actions.contains(&"decline")),
            "only what the platform allows is offered: {acts:?}"
        );
    }
}
