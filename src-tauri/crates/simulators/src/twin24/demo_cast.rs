//! Who comes in demo mode, and what they say. All of it is invented.

/// A client who follows what the operator does.
pub(super) struct Visitor {
    pub name: &'static str,
    pub channel: &'static str,
    pub messenger: Option<&'static str>,
    pub referer: Option<&'static str>,
    pub tags: &'static str,
    pub bot: Option<&'static str>,
    pub opening: &'static [&'static str],
    /// Said one by one, each after something from the operator.
    pub replies: &'static [&'static str],
    pub goodbye: &'static str,
    /// A colleague puts that in after the first answer, and then words it better.
    pub colleague: Option<(&'static str, &'static str)>,
}

pub(super) const VISITORS: [Visitor; 3] = [
    Visitor {
        name: "Мария Кузнецова",
        channel: "messenger",
        messenger: Some("telegram"),
        referer: None,
        tags: "доставка",
        bot: None,
        opening: &["Здравствуйте!", "Заказ 20517 должны были привезти вчера, а курьера всё нет 😕"],
        replies: &["Да, телефон тот же, на конце 45.", "Сегодня после шести подойдёт, буду дома."],
        goodbye: "Отлично, спасибо вам большое! 🌷",
        colleague: Some(("Курьер сегодня на вашем маршруте.", "Курьер уже на вашем маршруте, будет после 18:00.")),
    },
    Visitor {
        name: "يوسف العلي",
        channel: "widget",
        messenger: None,
        referer: Some("https://shop.example/ru/returns"),
        tags: "возврат",
        bot: Some("Здравствуйте! Сейчас позову оператора."),
        opening: &["Добрый день, хочу вернуть наушники, левый не играет 🎧"],
        replies: &["Проверял на двух телефонах, то же самое.", "Чек есть, фото пришлю вечером. شكرًا!"],
        goodbye: "Понял, отнесу в пункт выдачи. До свидания!",
        colleague: None,
    },
    Visitor {
        name: "Игорь Львович",
        channel: "messenger",
        messenger: Some("whatsapp"),
        referer: None,
        tags: "оплата",
        bot: None,
        opening: &["Добрый день. С карты дважды списали 1 284 рубля."],
        replies: &["Оба раза двенадцатого числа.", "То есть одну сумму вернут?"],
        goodbye: "Хорошо, буду ждать. Всего доброго.",
        colleague: Some((
            "Вторая сумма заблокирована, её снимут.",
            "Вторая сумма только заблокирована, банк её разморозит.",
        )),
    },
];

/// Who waits in help from the beginning.
pub(super) const WAITING: (&str, &str) = ("Светлана", "Подскажите, пожалуйста, вы работаете в воскресенье?");

/// What the colleague says who gets a session.
pub(super) const COLLEAGUE: (&str, &str) = ("Подключился, смотрю ваш заказ.", "Подключился, уже смотрю ваш заказ.");
