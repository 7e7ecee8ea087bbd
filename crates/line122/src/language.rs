use clap::{Arg, ArgAction, Command};

/// The language of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Russian,
}

impl Language {
    /// As LC_ALL, LC_MESSAGES or LANG say, the first that is set.
    pub(crate) fn of_environment() -> Language {
        let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .filter_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        match set.into_iter().next() {
            Some(locale) if locale.starts_with("ru") => Language::Russian,
            Some(_) | None => Language::English,
        }
    }

    /// One of two texts.
    pub(crate) fn pick<T>(self, english: T, russian: T) -> T {
        match self {
            Language::English => english,
            Language::Russian => russian,
        }
    }

    /// The help of the command line in this language.
    pub(crate) fn translate(self, command: Command) -> Command {
        match self {
            Language::English => command,
            Language::Russian => in_russian(command),
        }
    }
}

/// Help for each argument and command, by its name.
const RUSSIAN: &[(&str, &str)] = &[
    ("line122", "Маршрутизация звонков региональной медицинской линии (номер 122)"),
    ("run", "Запустить линию (то же, что без команды)"),
    ("config", "Показать действующие настройки и откуда взята каждая"),
    ("check", "Проверить правила обработки звонков (dialplan)"),
    ("explain", "Рассказать путь звонка, который мог бы поступить, со строками правил"),
    ("test", "Выполнить проверки рядом с правилами и сказать, чего они не касаются"),
    ("draw", "Нарисовать правила (SVG)"),
    ("hear", "Сказать, что робот понял бы из записи и почему"),
    ("--recording", "Запись: WAV, 8 кГц, 16 бит, один канал, не длиннее минуты"),
    (
        "--call",
        "Что звонящий сказал роботу в этом звонке, если правила разрешают это записывать; кто слушал, видно в журнале доступа",
    ),
    ("--part", "Какая часть записи звонка; если не указана, все с роботом"),
    (
        "--menu",
        "Меню из правил, слова которого ожидаются; если не указано, те, что были в звонке, или main",
    ),
    (
        "--model",
        "Модель: ONNX с интерфейсом T-one; если не указана, та, что в настройках, или встроенная",
    ),
    ("--sha256", "Какой должна быть её сумма SHA-256"),
    ("--called", "Набранный номер"),
    ("--caller", "Номер звонящего; если не указан, скрыт"),
    ("--moment", "Когда: \"2026-12-31 23:30\" по времени региона; если не указано, сейчас"),
    ("--diverted", "Поликлиника, АТС которой передала звонок: clinic:ИМЯ"),
    ("--trunk", "Транк, по которому поступил звонок, если номера на нём пишут иначе"),
    ("--pressed", "Клавиши по очереди, каждая после слов меню; «-» — молчание"),
    ("--said", "Что звонящий говорит роботу, по одному на ответ, после клавиш; «-» — молчание"),
    ("--on_duty", "Кто на смене: 201-205,211; если не указано, все"),
    ("--all_busy", "Все, кто на смене, уже разговаривают"),
    ("--clinic", "Что делает регистратура, когда ей звонят"),
    ("bans", "Показать, кто заблокирован за нарушения, или снять блокировку"),
    ("lift", "Снять все блокировки адреса"),
    ("--address", "Адрес"),
    ("call", "Позвонить на номер со встроенного телефона"),
    ("phone", "Зарегистрироваться телефоном оператора и ждать звонков"),
    ("whatif", "Предсказать ожидание, если звонков или операторов станет больше"),
    ("calls", "Вывести звонки из журнала в CSV, как их читает whatif"),
    ("report", "Рассказать, что стало со звонками за день, неделю или месяц"),
    ("--span", "За день, неделю или месяц"),
    ("--of_day", "День из него, например 2026-11-20, или last; если не указан, идущий сейчас"),
    ("--topic", "Только звонки этой темы: имя её очереди"),
    ("--of_clinic", "Только звонки в эту поликлинику"),
    ("--group", "Только эти операторы и звонки, которые звонили у них"),
    ("--written", "Как писать: text — для людей, json — для программ"),
    ("--svg", "Куда записать рисунок"),
    ("staffing", "Сказать, сколько операторов нужно в каждый час следующей недели"),
    ("--first_day", "Первый день, например 2026-11-23; если не указан, завтра"),
    ("--days", "Сколько дней"),
    ("--share", "Сколько звонков из ста"),
    ("--minimum", "Не меньше стольких операторов, в том числе ночью"),
    ("export", "Вывести записи для других программ"),
    ("--what", "Что вывести"),
    ("--written_as", "В каком виде"),
    ("--since", "Звонки, поступившие не раньше: 2026-11-01 или \"2026-11-01 08:00\""),
    ("--until", "Звонки, поступившие раньше этого времени"),
    ("--out", "Куда записать; если не указано, на экран"),
    ("token", "Указать, какие программы могут пользоваться API"),
    ("add", "Создать ключ доступа и показать его, один раз"),
    ("list", "Показать все ключи доступа"),
    ("revoke", "Отозвать ключ доступа"),
    ("--token", "Имя ключа, например имя программы"),
    ("--role", "Что ему можно: reader, operator, curator, admin"),
    ("--organisation", "Только обращения, которые сейчас у этой организации из правил"),
    ("backup", "Сделать резервную копию записей; линия может работать"),
    ("--to", "Новый файл"),
    ("restore", "Вернуть записи из резервной копии; линия должна быть остановлена"),
    ("--backup", "Файл резервной копии"),
    ("erase", "Удалить старые звонки и записать, что это сделано"),
    ("--older_than", "Звонки, поступившие столько дней назад или раньше"),
    ("recordings", "Работать с записями разговоров"),
    ("recordings list", "Показать, какие разговоры записаны"),
    (
        "recordings export",
        "Записать разговор в файл WAV; кто это сделал, останется в журнале доступа",
    ),
    ("recordings erase", "Удалить записи звонка, например по просьбе гражданина"),
    ("recordings check", "Прочитать все записи и сказать, какие изменены, повреждены или пропали"),
    ("rekey", "Создать новый ключ и перевести на него все записи; линия может работать"),
    ("--begun_since", "Записи, начатые не раньше: 2026-11-01 или \"2026-11-01 08:00\""),
    ("--begun_until", "Записи, начатые раньше этого времени"),
    ("--of_number", "Записи звонков с этого номера"),
    ("--recorded_call", "Звонок"),
    ("--output", "Новый файл"),
    ("--part", "Только эта часть записи"),
    ("--forget_old", "Вместо этого убрать прежние ключи из файла ключей"),
    ("prompts", "Проверить то, что слышат звонящие, или взять его части в другом месте"),
    ("prompts check", "Проверить звук всех сообщений: громкость, перегрузку, тишину, длину"),
    ("take", "Взять части чисел и дат из русских звуков Asterisk"),
    (
        "--pack",
        "Их каталог, в котором есть digits; если не указан, ищется там, куда его ставят Debian и Asterisk",
    ),
    ("plan", "Показать, что изменят новые правила и кого это затронет"),
    ("apply", "Применить новые правила; идущие звонки закончатся по прежним"),
    ("history", "Показать, какие правила применялись, кем и когда"),
    ("rollback", "Снова применить прежние правила"),
    ("password", "Вывести, чем записать пароль в файл из web.accounts"),
    (
        "second-factor",
        "Создать второй фактор для учётной записи из файла web.accounts и показать его приложению с кодами",
    ),
    ("--account", "Учётная запись"),
    ("--yes", "Не спрашивать"),
    ("--comment", "Зачем — для истории"),
    ("--region", "Каталог правил; если не указан, берётся из настроек"),
    ("--calls", "Звонки прошлого: CSV со столбцами arrived,queue,waited,talked,outcome"),
    ("--agents", "Кто когда работает: TOML с таблицами [[shift]]"),
    ("--grow", "Во сколько раз больше станет звонков"),
    ("--more", "Сколько человек добавить в каждую смену группы: volunteers=2"),
    ("--within", "За сколько секунд звонок должен быть отвечен"),
    ("--plays", "Сколько раз проиграть эти дни"),
    ("--seed", "Жребий: с тем же числом ответ тот же"),
    ("--picture", "Куда записать рисунок"),
    ("--number", "Номер"),
    ("--keys", "Клавиши после ответа; запятая — пауза две секунды"),
    ("--from", "Наш номер, как его увидит линия"),
    ("--answer", "Отвечать автоматически"),
    ("--server", "Адрес и порт сервера"),
    ("--tcp", "SIP по TCP вместо UDP"),
    ("--user", "Номер оператора"),
    ("--password", "Пароль оператора"),
    ("--record", "Записать услышанное в файл WAV"),
    ("--play", "Говорить то, что в звуковом файле"),
    ("--seconds", "Положить трубку после стольких секунд разговора"),
    ("--config", "Файл настроек; ./line122.toml, если он есть"),
    ("--dialplan", "Каталог правил обработки звонков"),
    ("--prompts", "Каталог голосовых сообщений"),
    ("--data", "Каталог журнала"),
    ("--sip", "Адрес SIP по UDP и TCP, например 0.0.0.0:5060"),
    ("--web", "Адрес веб-страниц"),
    ("--log", "Подробность журнала работы: error, warn, info, debug, trace"),
    ("--set", "Любая настройка: --set sip.realm=example.org"),
    ("--folder", "Каталог правил; если не указан, берётся из настроек"),
    ("schema", "Вывести JSON Schema правил, для редакторов"),
    ("import", "Перевести файлы других систем в текст правил"),
    ("asterisk", "Asterisk и FreePBX: extensions*.conf и queues*.conf"),
    ("calendar", "Производственный календарь в формате xmlcalendar"),
    ("--files", "Файлы"),
    ("--file", "Файл XML"),
    ("--format", "Как писать найденное: text — для людей, json — для программ"),
    ("--strict", "Предупреждения тоже считать ошибками"),
    ("--help", "Показать эту справку"),
    ("--version", "Показать версию"),
];

fn russian(name: &str) -> Option<&'static str> {
    RUSSIAN.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

fn in_russian(mut command: Command) -> Command {
    let name = command.get_name().to_owned();
    // Some commands are called alike and do different things.
    command = command.mut_subcommands(|of| match russian(&format!("{name} {}", of.get_name())) {
        Some(text) => of.about(text),
        None => of,
    });
    command = about_in_russian(command);
    command.mut_subcommands(in_russian)
}

fn about_in_russian(mut command: Command) -> Command {
    let is_said = command.get_about().is_some_and(|about| !about.to_string().is_ascii());
    if !is_said && let Some(text) = russian(command.get_name()) {
        command = command.about(text);
    }
    command = command.mut_args(|argument| match russian(&format!("--{}", argument.get_id())) {
        Some(text) => argument.help(text),
        None => argument,
    });
    let command = command.disable_help_flag(true).disable_version_flag(true);
    let help = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    let mut command = command.arg(help.help(russian("--help").unwrap_or_default()));
    if command.get_version().is_some() {
        let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
        command = command.arg(version.help(russian("--version").unwrap_or_default()));
    }
    command
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::arguments::Arguments;

    #[test]
    fn the_command_line_is_sound_in_both_languages() {
        Language::English.translate(Arguments::command()).debug_assert();
        Language::Russian.translate(Arguments::command()).debug_assert();
    }

    #[test]
    fn every_argument_has_help_in_russian() {
        fn check(command: &Command) {
            assert!(russian(command.get_name()).is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                let id = format!("--{}", argument.get_id());
                assert!(russian(&id).is_some(), "{id} of {}", command.get_name());
            }
            command.get_subcommands().for_each(check);
        }
        check(&Arguments::command());
    }
}
