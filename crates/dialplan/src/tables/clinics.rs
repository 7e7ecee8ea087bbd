//! Clinic lines and retired numbers.

use std::time::Duration;

use super::List;
use crate::plan::{RingOrder, Srtp, SrtpKeys};
use crate::read::{Name, NumberText, Outcome, TargetText, Text, tables};

tables! {
    /// `[clinic_defaults]`
    ClinicDefaults {
        /// In which order phones ring; all at once if not given.
        order: RingOrder = "В каком порядке звонят телефоны; если не указано, все сразу.",
        /// How long the clinic has before the call goes on; `"60s"` if not given.
        ring_for: Duration = "Сколько времени есть у поликлиники, прежде чем звонок уйдёт дальше; если не указано, `\"60s\"`.",
        /// Outcomes that send the call on; all three if not given.
        forward_on: List<Outcome> = "Когда звонок уходит дальше; если не указано, во всех трёх случаях.",
        /// Where the call goes then.
        forward_to: TargetText = "Куда он тогда уходит.",
        /// Menu with which each line begins; without, the clinics ring first.
        begin_with: TargetText = "Меню, с которого начинается каждая линия; без него сначала звонят поликлиники.",
        /// Speech passes through this server instead of directly; `false` if not given.
        anchored: bool = "Речь идёт через этот сервер, а не напрямую; если не указано, `false`.",
        /// Protection of speech with clinics' phones; `"off"` if not given.
        srtp: Srtp = "Шифрование речи с телефонами поликлиник; если не указано, `\"off\"`.",
        /// Where keys may be sent; only over TLS if not given.
        srtp_keys: SrtpKeys = "Где можно передавать ключи; если не указано, только через TLS.",
    }

    /// `[clinics.NAME]`
    ClinicTable {
        /// Name of the clinic; agents see it.
        title (needed): Text = "Название; видят операторы.",
        /// Other names that callers say when a menu asks for a clinic; its title, also as "second clinic" for "Clinic No. 2", is known without.
        words: List<Text> = "Как ещё её называют звонящие, когда меню спрашивает о поликлинике. Название и без этого известно, и как «вторая поликлиника» тоже.",
        /// Asked when a menu asks for a clinic and the robot is not sure that this one was named; the caller says yes or no, or presses 1 or 2. If not given, the menu is said again instead.
        ask: List<Name> = "Что спросить, если меню спрашивает о поликлинике, а робот не уверен, что названа именно эта; звонящий отвечает «да» или «нет» либо нажимает 1 или 2. Если не указано, меню повторяется.",
        /// Numbers that citizens dial.
        numbers (needed): List<NumberText> = "Номера, которые набирают граждане.",
        /// Phones to ring: SIP URIs, or users of `accounts`; all accounts if not given.
        ring: List<Text> = "Какие телефоны звонят: адреса SIP или имена из `accounts`; если не указано, все `accounts`.",
        /// Accounts with which the clinic's phones register here.
        accounts: List<AccountTable> = "Учётные записи, с которыми телефоны поликлиники регистрируются на этом сервере.",
        /// As in `[clinic_defaults]`.
        order: RingOrder = "Как в `[clinic_defaults]`.",
        /// As in `[clinic_defaults]`.
        ring_for: Duration = "Как в `[clinic_defaults]`.",
        /// As in `[clinic_defaults]`.
        forward_on: List<Outcome> = "Как в `[clinic_defaults]`.",
        /// As in `[clinic_defaults]`.
        forward_to: TargetText = "Как в `[clinic_defaults]`.",
        /// As in `[clinic_defaults]`.
        begin_with: TargetText = "Как в `[clinic_defaults]`.",
        /// As in `[clinic_defaults]`.
        anchored: bool = "Как в `[clinic_defaults]`.",
        /// Person to turn to about what is stuck.
        contact: ContactTable = "К кому обращаться, если вопрос не решается.",
    }

    /// One of a clinic's `accounts`
    AccountTable {
        /// User name.
        user (needed): Text = "Имя пользователя.",
        /// The password itself; better one of the next two.
        password: Text = "Сам пароль; лучше одно из двух следующих.",
        /// Environment variable that holds it.
        password_env: Text = "Переменная окружения с паролем.",
        /// File that holds it, relative to the dialplan's folder.
        password_file: Text = "Файл с паролем, относительно каталога правил.",
    }

    /// A clinic's `contact`
    ContactTable {
        /// Who it is.
        name (needed): Text = "Кто это.",
        /// The person's number.
        phone (needed): NumberText = "Номер этого человека.",
    }

    /// `[retired.NAME]`
    RetiredTable {
        /// Numbers that are no longer in use.
        numbers (needed): List<NumberText> = "Номера, которыми больше не пользуются.",
        /// Prompt that tells so.
        announce (needed): Name = "Подсказка, которая об этом говорит.",
        /// Where the call goes after it.
        then (needed): TargetText = "Куда идёт звонок после неё.",
    }
}
