//! Clinics from a CSV file: one in each row, the first row names the columns.
//!
//! As spreadsheets write it: commas, semicolons or tabs, quotes around cells, perhaps a mark of the byte
//! order at the beginning.

use std::borrow::Cow;

use csv_core::{ReadFieldResult, ReaderBuilder};
use toml::de::{DeString, DeValue};

use super::{Field, Names, Node, Path, Read, name_of_title};
use crate::findings::Findings;
use crate::source::{At, SourceFile, Spot};
use crate::tables::{AccountTable, ClinicTable, ContactTable};

/// The longest cell, in bytes.
const CELL_MAX: usize = 8192;
/// The most columns.
const COLUMNS_MAX: usize = 64;

/// What a column holds, and what it may be called.
const COLUMNS: [(Column, &[&str]); 18] = [
    (Column::Name, &["name", "имя", "код"]),
    (Column::Title, &["title", "название", "наименование"]),
    (Column::Words, &["words", "слова", "другие названия"]),
    (Column::Ask, &["ask"]),
    (Column::Numbers, &["numbers", "номера", "номер", "телефон", "телефоны"]),
    (Column::Ring, &["ring", "sip", "адрес sip"]),
    (Column::Order, &["order"]),
    (Column::RingFor, &["ring_for"]),
    (Column::ForwardOn, &["forward_on"]),
    (Column::ForwardTo, &["forward_to"]),
    (Column::BeginWith, &["begin_with"]),
    (Column::Anchored, &["anchored"]),
    (Column::ContactName, &["contact", "контакт", "ответственный"]),
    (Column::ContactPhone, &["contact_phone", "телефон контакта", "телефон ответственного"]),
    (Column::User, &["user", "учётная запись", "учетная запись"]),
    (Column::Password, &["password"]),
    (Column::PasswordEnv, &["password_env"]),
    (Column::PasswordFile, &["password_file"]),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Name,
    Title,
    Words,
    Ask,
    Numbers,
    Ring,
    Order,
    RingFor,
    ForwardOn,
    ForwardTo,
    BeginWith,
    Anchored,
    ContactName,
    ContactPhone,
    User,
    Password,
    PasswordEnv,
    PasswordFile,
}

/// A row of cells.
type Row = Vec<At<String>>;

/// Reads the clinics of one file.
pub(crate) fn clinics(
    index: usize,
    file: &SourceFile,
    findings: &mut Findings,
) -> Field<Names<ClinicTable>> {
    let mut rows = Rows::new(index, &file.text);
    let mut names = Names::default();
    let Some(columns) = rows.next(findings).and_then(|row| columns(&row, findings)) else {
        // What a file holds that could not be read nobody knows: other files may refer to it.
        findings.not_readable();
        return Field::Bad;
    };
    while let Some(row) = rows.next(findings) {
        clinic(&columns, &row, &mut names, findings);
    }
    Field::Given(At { spot: Spot { file: index, start: 0, end: 0 }, value: names })
}

/// What the columns hold, by the first row; `None` for a column without a name.
fn columns(row: &Row, findings: &mut Findings) -> Option<Vec<Option<Column>>> {
    let mut columns = Vec::new();
    let mut all_known = true;
    for At { spot, value } in row {
        let name = value.trim().to_lowercase();
        let known = COLUMNS.iter().find(|(_, names)| names.contains(&&*name));
        let column = known.map(|(column, _)| *column);
        if column.is_none() && !name.is_empty() {
            all_known = false;
            let names = COLUMNS.iter().map(|(_, names)| names[0]);
            findings
                .error(*spot, format!("unknown column \"{}\"", value.escape_debug()))
                .suggest(&name, names.clone())
                .or_remedy(format!("columns are {}", names.collect::<Vec<_>>().join(", ")));
        }
        if column.is_some() && columns.contains(&column) {
            all_known = false;
            findings
                .error(*spot, format!("a second column \"{}\"", value.escape_debug()))
                .remedy("remove one of them");
        }
        columns.push(column);
    }
    all_known.then_some(columns)
}

fn clinic(
    columns: &[Option<Column>],
    row: &Row,
    names: &mut Names<ClinicTable>,
    findings: &mut Findings,
) {
    let empty = |cell: &&At<String>| cell.value.trim().is_empty();
    let Some(first) = row.iter().find(|cell| !empty(cell)) else { return };
    if let Some(extra) = row.iter().skip(columns.len()).find(|cell| !empty(cell)) {
        findings
            .error(extra.spot, "this row has more cells than the first one")
            .remedy("put cells with commas or semicolons inside into quotes");
        return;
    }
    let cell = |asked| {
        let at = columns.iter().position(|column| *column == Some(asked))?;
        row.get(at).filter(|cell| !empty(cell))
    };
    let name = match (cell(Column::Name), cell(Column::Title)) {
        (Some(name), _) => At { spot: name.spot, value: name.value.trim().to_owned() },
        (None, Some(title)) => At { spot: title.spot, value: name_of_title(&title.value) },
        (None, None) => {
            findings
                .error(first.spot, "a clinic without name and title")
                .remedy("fill the columns name and title");
            return;
        }
    };
    let root = Path { parent: None, key: "" };
    let clinics = Path { parent: Some(&root), key: "clinics" };
    let path = Path { parent: Some(&clinics), key: &name.value };
    let mut table = ClinicTable::default();
    let mut contact = ContactTable::default();
    let mut account = AccountTable::default();
    for (column, _) in COLUMNS {
        let Some(cell) = cell(column) else { continue };
        let mut cell = Cell { cell, path: &path, findings };
        match column {
            Column::Name => {}
            Column::Title => cell.one(&mut table.title, "title"),
            Column::Words => cell.list(&mut table.words, "words"),
            Column::Ask => cell.list(&mut table.ask, "ask"),
            Column::Numbers => cell.list(&mut table.numbers, "numbers"),
            Column::Ring => cell.list(&mut table.ring, "ring"),
            Column::Order => cell.one(&mut table.order, "order"),
            Column::RingFor => cell.one(&mut table.ring_for, "ring_for"),
            Column::ForwardOn => cell.list(&mut table.forward_on, "forward_on"),
            Column::ForwardTo => cell.one(&mut table.forward_to, "forward_to"),
            Column::BeginWith => cell.one(&mut table.begin_with, "begin_with"),
            Column::Anchored => cell.yes_or_no(&mut table.anchored, "anchored"),
            Column::ContactName => cell.one(&mut contact.name, "contact"),
            Column::ContactPhone => cell.one(&mut contact.phone, "contact_phone"),
            Column::User => cell.one(&mut account.user, "user"),
            Column::Password => cell.one(&mut account.password, "password"),
            Column::PasswordEnv => cell.one(&mut account.password_env, "password_env"),
            Column::PasswordFile => cell.one(&mut account.password_file, "password_file"),
        }
    }
    let spot_of = |all: &[Column]| all.iter().find_map(|column| cell(*column)).map(|at| at.spot);
    if let Some(spot) = spot_of(&[Column::ContactName, Column::ContactPhone]) {
        table.contact = Field::Given(At { spot, value: contact });
    }
    let of_account = [Column::User, Column::Password, Column::PasswordEnv, Column::PasswordFile];
    if let Some(spot) = spot_of(&of_account) {
        table.accounts = Field::Given(At { spot, value: vec![At { spot, value: account }] });
    }
    let name = At { spot: name.spot, value: name.value.as_str() };
    names.insert("clinic", &name, table, findings);
}

/// A cell that is read like a value of TOML.
struct Cell<'a> {
    cell: &'a At<String>,
    path: &'a Path<'a>,
    findings: &'a mut Findings,
}

impl Cell<'_> {
    fn one<T: Read>(&mut self, field: &mut Field<T>, key: &str) {
        self.read(field, key, text(self.cell.value.trim()));
    }

    fn yes_or_no(&mut self, field: &mut Field<bool>, key: &str) {
        let value = match self.cell.value.trim() {
            "true" | "да" => DeValue::Boolean(true),
            "false" | "нет" => DeValue::Boolean(false),
            other => text(other),
        };
        self.read(field, key, value);
    }

    fn read<T: Read>(&mut self, field: &mut Field<T>, key: &str, value: DeValue<'_>) {
        let path = Path { parent: Some(self.path), key };
        field.fill(Node { value: &value, spot: self.cell.spot, path }, self.findings);
    }

    /// Several values with commas, semicolons or bars between them.
    fn list<T: Read>(&mut self, field: &mut Field<Vec<At<T>>>, key: &str) {
        let path = Path { parent: Some(self.path), key };
        let parts = self.cell.value.split([',', ';', '|', '\n']);
        let parts: Vec<&str> = parts.map(str::trim).filter(|part| !part.is_empty()).collect();
        let spot = self.cell.spot;
        let read = parts.iter().filter_map(|part| {
            let value = text(part);
            let read = T::read(Node { value: &value, spot, path }, self.findings);
            read.map(|value| At { spot, value })
        });
        let list: Vec<At<T>> = read.collect();
        // An incomplete list would give rise to errors that are none.
        *field = if list.len() == parts.len() {
            Field::Given(At { spot, value: list })
        } else {
            Field::Bad
        };
    }
}

fn text(text: &str) -> DeValue<'_> {
    DeValue::String(DeString::from(Cow::Borrowed(text)))
}

/// The rows of a file.
struct Rows<'a> {
    file: usize,
    text: &'a str,
    at: usize,
    reader: csv_core::Reader,
    over: bool,
}

impl<'a> Rows<'a> {
    fn new(file: usize, text: &'a str) -> Rows<'a> {
        const MARK: char = '\u{feff}';
        let at = if text.starts_with(MARK) { MARK.len_utf8() } else { 0 };
        let head = text[at..].lines().next().unwrap_or_default();
        let count = |delimiter: char| head.matches(delimiter).count();
        let delimiter = [';', '\t', ','].into_iter().max_by_key(|delimiter| count(*delimiter));
        let delimiter = u8::try_from(delimiter.unwrap_or(',')).unwrap_or(b',');
        let reader = ReaderBuilder::new().delimiter(delimiter).build();
        Rows { file, text, at, reader, over: false }
    }

    fn next(&mut self, findings: &mut Findings) -> Option<Row> {
        let mut row = Row::new();
        let mut cell = vec![0; CELL_MAX];
        let mut filled = 0;
        if self.over {
            return None;
        }
        // The end of the row before, and empty rows, belong to no cell.
        let rest = &self.text[self.at..];
        let blank = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        self.skip(blank);
        let mut start = self.at;
        loop {
            let input = &self.text.as_bytes()[self.at..];
            let (result, read, wrote) = self.reader.read_field(input, &mut cell[filled..]);
            self.at += read;
            filled += wrote;
            let is_last = match result {
                ReadFieldResult::InputEmpty => continue,
                ReadFieldResult::OutputFull => {
                    let spot = Spot { file: self.file, start, end: start };
                    findings
                        .error(spot, format!("a cell of more than {CELL_MAX} bytes"))
                        .remedy("look for a quote that is not closed");
                    self.over = true;
                    return None;
                }
                ReadFieldResult::Field { record_end } => record_end,
                ReadFieldResult::End => {
                    self.over = true;
                    return (!row.is_empty()).then_some(row);
                }
            };
            let raw = &self.text[start..self.at];
            let raw =
                if is_last { raw.trim_end_matches(['\r', '\n']) } else { &raw[..raw.len() - 1] };
            let spot = Spot { file: self.file, start, end: start + raw.len() };
            let value = String::from_utf8_lossy(&cell[..filled]).into_owned();
            if row.len() < COLUMNS_MAX {
                row.push(At { spot, value });
            }
            if is_last {
                return Some(row);
            }
            start = self.at;
            filled = 0;
        }
    }

    /// Lets the reader pass over ends of rows.
    fn skip(&mut self, bytes: usize) {
        let mut none = [0; 1];
        let end = self.at + bytes;
        while self.at < end {
            let input = &self.text.as_bytes()[self.at..end];
            let (_, read, _) = self.reader.read_field(input, &mut none);
            if read == 0 {
                self.at = end;
            }
            self.at += read;
        }
    }
}
