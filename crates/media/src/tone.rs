//! The tones of the keys (ITU-T Q.23).

use std::f32::consts::TAU;

use crate::Key;

/// Frequencies of the rows, Hz.
pub(crate) const ROWS: [f32; 4] = [697.0, 770.0, 852.0, 941.0];
/// Frequencies of the columns, Hz.
pub(crate) const COLUMNS: [f32; 4] = [1209.0, 1336.0, 1477.0, 1633.0];
/// The keys by row and column.
pub(crate) const LABELS: [[u8; 4]; 4] = [*b"123A", *b"456B", *b"789C", *b"*0#D"];
/// Each tone's amplitude: about −9 dBm0, a telephone's usual level.
const AMPLITUDE: f32 = 8000.0;
/// Samples a second.
pub(crate) const RATE: f32 = 8000.0;

/// The sample number `at` of a key's tone; silence if it is no key.
pub(crate) fn sample(key: Key, at: usize) -> i16 {
    let places = (0..4).flat_map(|row| (0..4).map(move |column| (row, column)));
    let Some((row, column)) = places.into_iter().find(|&(r, c)| LABELS[r][c] == key.0) else {
        return 0;
    };
    let wave = |frequency: f32| (TAU * (frequency * at as f32 / RATE).fract()).sin();
    (AMPLITUDE * (wave(ROWS[row]) + wave(COLUMNS[column]))) as i16
}
