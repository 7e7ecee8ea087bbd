//! Organisations that are told of cases.

use crate::read::{MailText, Text, WebUrl, tables};

tables! {
    /// `[organisations.NAME]`
    OrganisationTable {
        /// Name of the organisation.
        title (needed): Text = "Название организации.",
        /// Where its server takes what it is told; nowhere if not given.
        webhook: WebUrl = "Куда её серверу присылать обращения; если не указано, никуда.",
        /// Key with which it is signed; instead: `password_env`, `password_file`.
        password: Text = "Ключ, которым это подписывается; вместо него: `password_env`, `password_file`.",
        /// Variable of the environment with the key.
        password_env: Text = "Переменная окружения с ключом.",
        /// File with the key, seen from the dialplan's folder.
        password_file: Text = "Файл с ключом, от папки плана.",
        /// Its server is sent the request's text and the citizen's number as well; `false` if not given.
        whole_case: bool = "Её серверу присылаются и текст обращения, и номер гражданина; если не указано, `false`.",
        /// Address to which letters go, with nothing but the case's number, topic and due time; none if not given.
        email: MailText = "Адрес для писем, в которых только номер обращения, тема и срок; если не указано, писем нет.",
    }
}
