//! Connections to carriers and PBXes.

use std::time::Duration;

use super::List;
use crate::plan::{Srtp, SrtpKeys};
use crate::read::{Count, NumberText, SipUri, Text, tables};

tables! {
    /// `[trunks.NAME]`
    TrunkTable {
        /// Networks from which its calls come.
        from: List<Text> = "Сети, из которых приходят её звонки.",
        /// Names of which its TLS certificate must show one.
        certificate: List<Text> = "Имена, одно из которых должно быть в её сертификате TLS.",
        /// Addresses to reach it, in the order of failover; without, it only brings calls.
        to: List<SipUri> = "Адреса, по которым она доступна, по порядку; без них она только приносит звонки.",
        /// Registration with the carrier.
        register: RegisterTable = "Регистрация у оператора связи.",
        /// Number that is shown on calls that leave by it.
        caller_number: NumberText = "Номер, который показывается при звонках через неё.",
        /// Area code of its callers; the region's if not given.
        area_code: Text = "Код города её абонентов; если не указано, код региона.",
        /// Prompts are played before the answer; `false` if not given.
        early_media: bool = "Подсказки звучат до ответа; если не указано, `false`.",
        /// Speech of calls to clinics passes through this server; `false` if not given.
        anchored: bool = "Речь звонков в поликлиники идёт через этот сервер; если не указано, `false`.",
        /// Protection of speech; `"off"` if not given.
        srtp: Srtp = "Шифрование речи; если не указано, `\"off\"`.",
        /// Where keys may be sent; only over TLS if not given.
        srtp_keys: SrtpKeys = "Где можно передавать ключи; если не указано, только через TLS.",
        /// How often it is asked whether it lives; never if not given.
        keep_alive: Duration = "Как часто спрашивать, жива ли она; если не указано, никогда.",
        /// Calls from the page `/call` come in by it: anybody's who opens that page; `false` if not given.
        guests: bool = "По ней приходят звонки со страницы `/call`: любого, кто её откроет; если не указано, `false`.",
        /// Calls at once; 1000 if not given.
        calls_max: Count = "Сколько звонков одновременно; если не указано, 1000.",
    }

    /// A trunk's `register`
    RegisterTable {
        /// Address of the registrar.
        registrar (needed): SipUri = "Адрес сервера регистрации.",
        /// User name.
        user (needed): Text = "Имя пользователя.",
        /// The password itself; better one of the next two.
        password: Text = "Сам пароль; лучше одно из двух следующих.",
        /// Environment variable that holds it.
        password_env: Text = "Переменная окружения с паролем.",
        /// File that holds it, relative to the dialplan's folder.
        password_file: Text = "Файл с паролем, относительно каталога правил.",
        /// How long a registration is to last; `"10m"` if not given.
        expires: Duration = "На сколько регистрироваться; если не указано, `\"10m\"`.",
    }
}
