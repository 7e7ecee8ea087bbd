"""Sentences in other languages: the network shall hear nothing in them. Plain Python, no packages."""

SENTENCES = {
    "en": (
        "good morning, can I speak to a doctor please", "the weather is fine today", "I do not understand you",
        "where is the nearest hospital", "please wait a moment", "my train was late this evening",
        "she bought seven apples and a bottle of milk", "could you repeat the number", "thank you very much",
        "we are looking for the main street", "this is a recorded message", "hello, is anybody there",
        "nothing beats a quiet evening with a good book", "the children are playing in the garden",
    ),
    "de": (
        "guten Tag, ich möchte einen Arzt sprechen", "das Wetter ist heute schön", "ich verstehe Sie leider nicht",
        "wo ist das nächste Krankenhaus", "bitte warten Sie einen Augenblick", "mein Zug hatte Verspätung",
        "sie kaufte sieben Äpfel und eine Flasche Milch", "können Sie die Nummer wiederholen", "vielen Dank",
        "wir suchen die Hauptstraße", "die Kinder spielen im Garten", "morgen fahren wir ans Meer",
    ),
    "tt": (
        "исәнмесез, табиб кирәк иде", "бүген һава матур", "мин сезне аңламыйм", "хастаханә кайда урнашкан",
        "зинһар, бераз көтегез", "балалар бакчада уйный", "рәхмәт сезгә", "без яңа йортта яшибез",
        "әбием авылда яши", "иртәгә кунакка барабыз", "китап укырга яратам",
    ),
    "uk": (
        "добрий день, мені потрібен лікар", "сьогодні гарна погода", "я вас не розумію", "де найближча лікарня",
        "зачекайте, будь ласка, хвилинку", "діти граються в саду", "щиро дякую", "ми шукаємо головну вулицю",
        "повторіть, будь ласка, номер", "моя бабуся живе в селі", "завтра ми поїдемо до міста",
    ),
    "tr": ("günaydın, bir doktora ihtiyacım var", "bugün hava güzel", "sizi anlamıyorum", "çok teşekkür ederim"),
    "kk": ("сәлеметсіз бе, маған дәрігер керек", "бүгін ауа райы жақсы", "рахмет сізге", "балалар бақта ойнап жүр"),
}


def sentence(rng):
    """(espeak-ng's language, sentence), sometimes two sentences on end."""
    language = rng.choice(sorted(SENTENCES))
    count = rng.choice((1, 1, 2))
    return language, ". ".join(rng.sample(SENTENCES[language], count))
