//! Words of a region's own.

use crate::read::{Text, tables};

tables! {
    /// `[prompts.NAME]`
    PromptTable {
        /// What is said, as a citizen would read it.
        text: Text = "Что звучит, как это прочёл бы гражданин.",
        /// Sound file (wav, flac, mp3, ogg vorbis) within the dialplan's folder: `"sounds/flood.wav"`. Without one, the sound of this name that comes with the line is heard.
        file: Text = "Звуковой файл (wav, flac, mp3, ogg vorbis) в каталоге правил: `\"sounds/flood.wav\"`. Без него звучит запись с этим именем, которая поставляется с линией.",
    }
}
