//! Where the cards stand.

use std::collections::BTreeMap;

use super::cards::{Card, CardId, Row};

pub(super) const CARD_WIDTH: usize = 300;
pub(super) const ROW_HEIGHT: usize = 18;
pub(super) const HEAD_HEIGHT: usize = 42;
pub(super) const MARGIN: usize = 30;
pub(super) const TOP: usize = 70;
const GAP: usize = 22;
/// Between columns there must be room for lines to cross.
const COLUMN: usize = CARD_WIDTH + 130;
const FOOT: usize = 8;

/// The picture's cards and lines.
pub(super) struct Layout<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) cards: Vec<Placed<'a>>,
    pub(super) lines: Vec<Line>,
}

/// A card in its place.
pub(super) struct Placed<'a> {
    pub(super) card: &'a Card,
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) height: usize,
    /// The number of its colour, if lines lead to it.
    pub(super) colour: Option<usize>,
    /// For each row whether a line leads from it.
    pub(super) has_line: Vec<bool>,
}

/// A line from a row to a card further to the right.
pub(super) struct Line {
    pub(super) from: (usize, usize),
    pub(super) to: (usize, usize),
    pub(super) colour: usize,
}

/// Columns side by side; the cards of each below one another, as near as possible to what leads to
/// them.
pub(super) fn lay_out(columns: &[Vec<Card>]) -> Layout<'_> {
    let mut cards: Vec<Placed<'_>> = Vec::new();
    let mut places: BTreeMap<&CardId, (usize, usize, usize)> = BTreeMap::new();
    let mut sources: BTreeMap<&CardId, Vec<usize>> = BTreeMap::new();
    let mut bottom = TOP;
    for (at, column) in columns.iter().enumerate() {
        let (x, mut free) = (MARGIN + at * COLUMN, TOP);
        let begin = cards.len();
        for card in column {
            let from = card.id.as_ref().and_then(|id| sources.get(id));
            let middle = from.map_or(0, |rows| rows.iter().sum::<usize>() / rows.len());
            let y = free.max(middle.saturating_sub(HEAD_HEIGHT / 2));
            let height = HEAD_HEIGHT + card.rows.len() * ROW_HEIGHT + FOOT;
            let colour = card.id.as_ref().map(|id| {
                let colour = places.len();
                places.insert(id, (x, y, colour));
                colour
            });
            cards.push(Placed { card, x, y, height, colour, has_line: Vec::new() });
            free = y + height + GAP;
        }
        for placed in &cards[begin..] {
            for (row, at) in placed.card.rows.iter().zip(0..) {
                if let Some(to) = &row.to {
                    sources.entry(to).or_default().push(row_y(placed.y, at));
                }
            }
        }
        bottom = bottom.max(free);
    }
    let lines = cards.iter_mut().flat_map(|placed| lines_of(placed, &places)).collect();
    let width = 2 * MARGIN + columns.len().saturating_sub(1) * COLUMN + CARD_WIDTH;
    Layout { width, height: bottom, cards, lines }
}

/// The lines from a card's rows to cards further to the right.
fn lines_of(
    placed: &mut Placed<'_>,
    places: &BTreeMap<&CardId, (usize, usize, usize)>,
) -> Vec<Line> {
    let line = |(row, at): (&Row, usize)| {
        let (x, y, colour) = *places.get(row.to.as_ref()?)?;
        let from = (placed.x + CARD_WIDTH, row_y(placed.y, at));
        (x > placed.x).then_some(Line { from, to: (x, y + HEAD_HEIGHT / 2), colour })
    };
    let lines: Vec<Option<Line>> = placed.card.rows.iter().zip(0..).map(line).collect();
    placed.has_line = lines.iter().map(Option::is_some).collect();
    lines.into_iter().flatten().collect()
}

/// The middle of a card's row.
pub(super) fn row_y(card_y: usize, row: usize) -> usize {
    card_y + HEAD_HEIGHT + row * ROW_HEIGHT + ROW_HEIGHT / 2
}
