//! Sessions that ended before anybody looked, for long lists.

use super::facts::SessionFacts;
use super::state::{Author, Message, Session};
use super::world::{World, new_id};

const NAMES: [&str; 8] = [
    "Мария Кузнецова",
    "Алексей Ершов",
    "Ольга Н.",
    "Тимур Ахметов",
    "Светлана",
    "Игорь Львович",
    "Нина Соколова",
    "Павел 🚲",
];

const TALKS: [(&str, &str); 4] = [
    ("Здравствуйте, когда привезут заказ?", "Добрый день! Курьер приедет сегодня до 18:00."),
    ("Не приходит код подтверждения", "Отправила код ещё раз, проверьте, пожалуйста."),
    ("Можно вернуть товар без чека?", "Да, достаточно номера заказа и паспорта."),
    ("Спасибо, всё работает", "Рады помочь! Хорошего дня."),
];

const HOUR: i64 = 3_600_000;

impl World {
    /// So many more, the newest two hours old, one hour between two.
    pub fn fill_archive(&mut self, count: usize) {
        let Some((operator, name)) = self.operators.first().map(|one| (one.profile.id, one.profile.name())) else {
            return;
        };
        let Some(group) = self.options.groups.first().map(|group| group.id) else { return };
        let now = self.now();
        for n in 0..count {
            let before = i64::try_from(n).unwrap_or(i64::MAX / (2 * HOUR));
            let started = now - HOUR * (2 + before);
            let session = self.finished(n, started, operator, &name, group);
            self.add_session(session);
        }
    }

    fn finished(&mut self, n: usize, started: i64, operator: u64, operator_name: &str, group: u64) -> Session {
        let name = NAMES.get(n % NAMES.len()).copied().unwrap_or_default();
        let (asked, answered) = TALKS.get(n % TALKS.len()).copied().unwrap_or_default();
        let client = self.client(None, name);
        let end = started + 10 * 60_000;
        let message = |author: Author, author_name: &str, body: &str, at: i64| Message {
            id: new_id(),
            author,
            author_name: author_name.to_owned(),
            body: body.to_owned(),
            attachments: Vec::new(),
            reply_to: None,
            created: at,
            updated: None,
            read: Some(at + 20_000),
        };
        Session {
            id: new_id(),
            client,
            name: name.to_owned(),
            group,
            operator: Some(operator),
            assigned: Some(started + 2_000),
            operators: vec![(operator, started + 2_000)],
            with_bot: false,
            closed: Some(end),
            started,
            online: started,
            offline: Some(end),
            unread: 0,
            messages: vec![
                message(Author::Client, name, asked, started),
                message(Author::Operator(operator), operator_name, answered, started + 40_000),
            ],
            spam: false,
            channel: "messenger".to_owned(),
            messenger: Some("telegram".to_owned()),
            referer: None,
            tags: String::new(),
            last_operator: Some(started + 40_000),
            first_client_after: None,
            facts: SessionFacts::default(),
        }
    }
}
