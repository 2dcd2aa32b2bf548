//! What the demo's other agents do.

use std::time::Duration;

use super::demo::ExpertflowPace;
use super::options::CustomerOffer;
use super::sim::ExpertflowSim;
use super::sim_chat::SimChat;

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

/// Keeps the queue Retail going: two chats with agents, one or two waiting.
pub(super) async fn others(sim: &ExpertflowSim, pace: ExpertflowPace) {
    if sim.options().queue("Retail").is_none() {
        return;
    }
    let one = async |first: usize| {
        for (name, number, lines) in TALKS.iter().cycle().skip(first) {
            let offer = CustomerOffer::of(name, "Retail").number(number).saying(lines[0]);
            let Ok(chat) = sim.customer_chats(offer) else { return };
            talk(&chat, lines, pace).await;
            tokio::time::sleep(pace.others).await;
        }
    };
    tokio::join!(one(0), one(1), one(2), one(3));
}

async fn talk(chat: &SimChat, lines: &[&str; 6], pace: ExpertflowPace) {
    let Ok(agent) = chat.expect_accepted(Duration::from_secs(86_400)).await else { return };
    for (n, line) in lines.iter().enumerate().skip(1) {
        tokio::time::sleep(pace.others).await;
        if n % 2 == 1 {
            chat.colleague_writes(&agent, line, false);
        } else if chat.customer_writes(line).is_err() {
            break;
        }
    }
    tokio::time::sleep(pace.others).await;
    chat.customer_leaves();
    chat.colleague_leaves(&agent);
}

/// The played colleagues in one of the agent's chats: who took it over talks to
/// the customer, who is consulted whispers. Until the chat is over.
pub(super) async fn help(sim: &ExpertflowSim, chat: &SimChat, pace: ExpertflowPace) {
    let played: Vec<String> =
        sim.options().agents.iter().filter(|a| a.played).map(|agent| agent.username.clone()).collect();
    let mut greeted: Vec<(String, String)> = Vec::new();
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
