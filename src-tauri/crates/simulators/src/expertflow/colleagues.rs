//! What the demo's other agents do.

use std::time::Duration;

use super::demo::ExpertflowPace;
use super::options::CustomerOffer;
use super::sim::ExpertflowSim;
use super::sim_chat::SimChat;

/// How often is looked for something new.
const STEP: Duration = Duration::from_millis(200);

/// Chats of other agents, line by line: first the customer, then the agent.
const TALKS: [(&str, &str, [&str; 6]); 4] = [
    (
        "Kai Exemplar",
        "+12025550171",
        [
            "Is the blue jacket back in size M?",
            "Let me look. Yes, since this morning.",
            "Could you keep one for me?",
            "Of course, until Saturday. Under which name?",
            "Exemplar, please.",
            "Done, see you then!",
        ],
    ),
    (
        "Lina Modell",
        "+12025550172",
        [
            "My voucher does not work.",
            "I am sorry. What does the page say?",
            "That it is no longer valid, but I got it last week.",
            "I see it, the date was wrong. It works now.",
            "Yes, now it does. Thank you!",
            "You are welcome.",
        ],
    ),
    (
        "Milo Prototype",
        "+12025550173",
        [
            "When do you close today?",
            "At eight in the evening.",
            "And is there parking?",
            "Behind the house, the first hour is free.",
            "Great.",
            "See you!",
        ],
    ),
    (
        "Nora Template",
        "+12025550174",
        [
            "I would like to send back two shirts.",
            "No problem. Is the receipt with you?",
            "Yes, it is from the second of the month.",
            "Then bring them in any time this week.",
            "I will.",
            "Have a nice day!",
        ],
    ),
];

/// When somebody listens in the talk goes on with these, the customer first.
const MORE: [&str; 8] = [
    "By the way, is there a newsletter?",
    "There is, once a month. Shall I sign you up?",
    "Yes, please.",
    "Done. Is there anything else?",
    "Do you have gift cards as well?",
    "We do, from ten on, here and in the shop.",
    "And how long are they good for?",
    "For three years.",
];

/// What a colleague whispers back to a supervisor, in turns.
const THANKS: [&str; 3] = ["Thanks, I will do that.", "Good point, I am telling the customer.", "Understood."];

/// What a customer says to a supervisor who barged in, in turns.
const TO_SUPERVISOR: [&str; 3] =
    ["Oh, hello, thank you for taking care.", "That helps me a lot.", "All right, that is settled then."];

/// Keeps the queue Retail going: two chats with agents, two waiting.
pub(super) async fn others(sim: &ExpertflowSim, pace: ExpertflowPace) {
    if sim.options().queue("Retail").is_none() {
        return;
    }
    let one = async |first: usize| {
        for (name, number, lines) in TALKS.iter().cycle().skip(first) {
            let offer = CustomerOffer::of(name, "Retail").number(number).saying(lines[0]);
            let Ok(chat) = sim.customer_chats(offer) else { return };
            // The third of them needs help with it.
            talk(&chat, lines, first == 2, pace).await;
            let chat = chat.clone();
            tokio::spawn(async move { forget_when_empty(&chat, pace).await });
            tokio::time::sleep(pace.others).await;
        }
    };
    tokio::join!(one(0), one(1), one(2), one(3));
}

/// Logged-out colleagues are back after a while.
pub(super) async fn come_back(sim: &ExpertflowSim, pace: ExpertflowPace) {
    let played: Vec<&str> =
        sim.options().agents.iter().filter(|one| one.played).map(|agent| agent.username.as_str()).collect();
    loop {
        tokio::time::sleep(STEP).await;
        if played.iter().any(|agent| sim.state(agent) == "LOGOUT") {
            tokio::time::sleep(pace.back).await;
            sim.hub().act(super::world::World::play_on);
        }
    }
}

/// Everybody is out sooner or later, and the platform does not keep such a chat in demo mode.
pub(super) async fn forget_when_empty(chat: &SimChat, pace: ExpertflowPace) {
    let everybody_out = tokio::time::timeout(pace.patience * 4, async {
        tokio::time::sleep(pace.others).await;
        while !chat.forget() {
            tokio::time::sleep(STEP * 5).await;
        }
    });
    if everybody_out.await.is_err() {
        tracing::debug!(conversation = chat.id(), "somebody stays in a chat without its customer");
    }
}

/// One chat of a colleague. As long as a supervisor is there it does not come to its end.
async fn talk(chat: &SimChat, lines: &[&str; 6], needs_help: bool, pace: ExpertflowPace) {
    const MOST: usize = 200;
    let Ok(agent) = chat.expect_accepted(Duration::from_secs(86_400)).await else { return };
    let mut heard = Heard::default();
    let script = lines.iter().skip(1).chain(MORE.iter().cycle().take(MOST));
    for (n, line) in script.enumerate() {
        let inside = chat.participants();
        if !inside.iter().any(|(name, _)| *name == agent) || (n >= lines.len() - 1 && inside.len() < 2 && n % 2 == 1) {
            break;
        }
        if n == 1 && needs_help {
            chat.colleague_raises_hand(&agent);
        }
        heard.wait(chat, &agent, pace).await;
        let done =
            if n % 2 == 0 { chat.colleague_writes(&agent, line, false) } else { chat.customer_writes(line).is_ok() };
        if !done {
            break;
        }
    }
    heard.wait(chat, &agent, pace).await;
    chat.customer_leaves();
    chat.colleague_leaves(&agent);
}

/// What has been heard of supervisors so far.
#[derive(Default)]
struct Heard {
    messages: usize,
    whispers: usize,
    words: usize,
}

impl Heard {
    /// The time until the next line, in which supervisors are answered.
    async fn wait(&mut self, chat: &SimChat, agent: &str, pace: ExpertflowPace) {
        let until = tokio::time::Instant::now() + pace.others;
        loop {
            let messages = chat.messages();
            for message in messages.iter().skip(self.messages).filter(|message| message.agent != agent) {
                tokio::time::sleep(pace.thinking / 2).await;
                if message.name == "WHISPER_MESSAGE" {
                    chat.colleague_writes(agent, THANKS[self.whispers % THANKS.len()], true);
                    self.whispers += 1;
                } else {
                    chat.customer_reads();
                    chat.customer_types();
                    tokio::time::sleep(pace.thinking / 2).await;
                    let _ = chat.customer_writes(TO_SUPERVISOR[self.words % TO_SUPERVISOR.len()]);
                    self.words += 1;
                }
            }
            self.messages = messages.len();
            let now = tokio::time::Instant::now();
            if now >= until {
                return;
            }
            tokio::time::sleep(STEP.min(until - now)).await;
        }
    }
}

/// The played colleagues in one of the agent's chats: who took it over talks to
/// the customer, who is consulted whispers. Until the chat is over.
pub(super) async fn help(sim: &ExpertflowSim, chat: &SimChat, pace: ExpertflowPace) {
    let played: Vec<String> =
        sim.options().agents.iter().filter(|a| a.played).map(|agent| agent.username.clone()).collect();
    let mut greeted: Vec<(String, String)> = Vec::new();
    let mut heard = 0;
    loop {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let inside = chat.participants();
        let gone = chat.facts().customer_left.is_some();
        for (name, role) in inside.iter().filter(|(name, _)| played.contains(name)) {
            if gone {
                chat.colleague_leaves(name);
                continue;
            }
            if greeted.iter().any(|(have, as_what)| have == name && as_what == role) {
                continue;
            }
            greeted.push((name.clone(), role.clone()));
            tokio::time::sleep(pace.thinking).await;
            if role == "PRIMARY" {
                chat.colleague_writes(name, "Hello, I have read what you wrote and will take care of it.", false);
                tokio::spawn(go_on(chat.clone(), name.clone(), pace));
            } else {
                chat.colleague_writes(name, "I would refund it, the account is in good standing.", true);
            }
        }
        // Who asked for advice asks on.
        let messages = chat.messages();
        let asked = messages.iter().skip(heard).find(|m| m.name == "WHISPER_MESSAGE" && !played.contains(&m.agent));
        let adviser = inside.iter().find(|(name, role)| role == "ASSISTANT" && played.contains(name));
        if let (Some(_), Some((name, _))) = (asked, adviser) {
            tokio::time::sleep(pace.thinking).await;
            chat.colleague_writes(name, "Yes, go ahead. I can take it over if you like.", true);
        }
        heard = messages.len();
        if gone && inside.is_empty() {
            return;
        }
    }
}

/// A colleague answers every word of the customer.
async fn go_on(chat: SimChat, name: String, pace: ExpertflowPace) {
    const LINES: [&str; 3] = ["Thank you, I see it here.", "It is done.", "Anything else that I can do?"];
    let said = |chat: &SimChat| chat.events().iter().filter(|event| *event == "CUSTOMER_MESSAGE").count();
    let mut known = said(&chat);
    for line in LINES {
        while said(&chat) <= known {
            tokio::time::sleep(Duration::from_millis(300)).await;
            if chat.facts().customer_left.is_some() {
                return;
            }
        }
        known = said(&chat);
        tokio::time::sleep(pace.thinking).await;
        chat.colleague_writes(&name, line, false);
    }
}
