//! Any stream, in any pieces: no panic, progress with each frame, and the same frames however the
//! stream was cut.

#![no_main]

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use sip::framing::{Frame, last_answer, next_frame};
use sip::{Flow, Message, Transport};

fuzz_target!(|data: &[u8]| {
    let Some((&step, stream)) = data.split_first() else { return };
    let whole = messages(stream, stream.len().max(1));
    let pieces = messages(stream, usize::from(step).max(1));
    assert_eq!(whole, pieces);
});

/// The messages of a stream, up to where it breaks. Keep-alives may fall apart differently.
fn messages(stream: &[u8], step: usize) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    let mut buffer = BytesMut::new();
    for piece in stream.chunks(step) {
        buffer.extend_from_slice(piece);
        loop {
            let before = buffer.len();
            match next_frame(&mut buffer) {
                Ok(None) => break,
                Ok(Some(Frame::Message(message))) => found.push(message.to_vec()),
                Ok(Some(Frame::Ping | Frame::Pong)) => {}
                Err(error) => {
                    let flow = Flow::to(Transport::Tcp, ([192, 0, 2, 1], 5060).into());
                    if let Some(answer) = last_answer(&buffer, error, &flow) {
                        Message::parse(answer.to_bytes()).expect("an answer can be read");
                    }
                    return found;
                }
            }
            assert!(buffer.len() < before);
        }
    }
    found
}
