"""Words that the rules know beside those of the built-in painter: persons, names, moods, cameras, and what misleads.

Places, hours, weathers and lights are those of `avwalk.painters.worlds.lexicon`: the painter sees what is read here.
"""

from __future__ import annotations

from collections.abc import Mapping


def word_set(words: str) -> frozenset[str]:
    """The words of a list that is written with blanks."""
    return frozenset(words.split())


FEMALE = word_set(
    """
    woman girl lady queen mother grandmother mom mum aunt sister daughter wife widow princess witch nun actress
    waitress goddess maid maiden bride girlfriend granddaughter niece heroine sorceress empress
    """
)
MALE = word_set(
    """
    man boy gentleman king father grandfather dad uncle brother son husband prince wizard monk priest fisherman
    sailor knight lord emperor boyfriend grandson nephew hero groom waiter shepherd woodcutter lighthousekeeper
    """
)
NEUTRAL = word_set(
    """
    child baby kid person stranger traveller traveler wanderer pilgrim soldier dancer hunter farmer teacher doctor
    nurse captain painter singer musician pianist guitarist poet writer thief guard merchant baker keeper driver
    pilot astronaut robot ghost giant dwarf elf fairy angel lover friend neighbour neighbor student artist scientist
    detective dog cat wolf fox bear horse bird owl crow raven deer rabbit lion tiger elephant dragon whale dolphin
    fish mouse
    """
)
ANIMALS = word_set(
    """
    dog cat wolf fox bear horse bird owl crow raven deer rabbit lion tiger elephant dragon whale dolphin fish mouse
    """
)
"""Of these, whom ``he`` and ``she`` mean only where nobody else is there."""
PLURAL = word_set(
    """
    people men women children boys girls soldiers sailors friends lovers villagers dancers strangers travellers
    workers crowd family couple twins kids brothers sisters parents birds wolves horses dogs
    """
)
"""Nouns of who can be in a picture, singular but the last."""
HERS = word_set(
    """
    anna mary maria marie emma sophie sophia olivia ava isabella mia lucy lily ella grace alice clara julia laura
    sarah sara eva eve helen helena jane kate katherine elizabeth margaret rose ruth hannah charlotte amelia nora
    nina lena mila zoe chloe camille juliette louise jeanne claire elena giulia chiara carmen lucia sofia ana ingrid
    astrid freya greta heidi yuki sakura mei aisha fatima leila amina priya dorothy martha rachel rebecca susan
    linda molly daisy violet iris ivy
    """
)
HIS = word_set(
    """
    john james peter paul mark luke thomas tom william george henry jack harry oliver noah liam jacob lucas ethan
    daniel david michael robert richard joseph charles edward arthur albert samuel sam ben benjamin adam alexander
    max leo felix oscar hugo victor louis pierre jean jacques henri antoine marcel luca marco giovanni carlos diego
    juan pablo miguel pedro hans karl fritz otto lars erik sven ivan boris dmitri kenji hiroshi omar ali hassan
    ahmed raj arjun odysseus ishmael ahab romeo gabriel martin simon philip frank walter
    """
)
"""Given names that tell who ``she`` and ``he`` are."""
TITLES = {
    "mr": "m", "mrs": "f", "miss": "f", "ms": "f", "dr": "", "sir": "m", "lady": "f", "lord": "m", "king": "m",
    "queen": "f", "prince": "m", "princess": "f", "captain": "", "professor": "", "uncle": "m", "aunt": "f",
    "grandma": "f", "grandpa": "m", "father": "m", "mother": "f", "saint": "", "st": "",
}  # fmt: skip
"""Words before a name that are part of it."""
NO_NAMES = word_set(
    """
    i i'm i'll i've i'd monday tuesday wednesday thursday friday saturday sunday january february march april may
    june july august september october november december christmas easter god english french german spanish italian
    chinese american european oh ok okay yes no well hey hello please thank thanks chapter part the a an
    there here nobody somebody everybody nothing something everything anybody anyone someone everyone none one two
    three both either neither never always perhaps maybe suddenly finally later soon it this that these those he she
    they we you who what when where why how then now once if but and so yet still only all some many most few others
    another at in on by for from with without of to as after before while until since because though although my your
    his her our their its today tomorrow yesterday night morning evening everywhere nowhere somewhere
    """
)
PRONOUNS = {"he": "m", "him": "m", "she": "f", "her": "f", "they": "p", "them": "p"}
DETERMINERS = word_set(
    """
    the a an this that these those his her their my our your its some every each another no
    """
)
WHERE = word_set(
    """
    in at on into onto through across along inside within under beneath beside near by over above around between
    toward towards behind below upon outside beyond up down past amid among amidst
    """
)
"""Words before a place where something happens."""
LEFT = word_set(
    """
    from of about like than for with without
    """
)
"""Words before a place that is only spoken of."""
MISLEADING = word_set(
    """
    deep main keep keeps kept pass passed passing plain current swell range wood bar bars mirror park court surf
    tide station main-land mine even level still day days spring summer today yesterday someday everyday light
    lights lit long just smoke air heaven heavens sky rose roses track path way ways time passage square line lines
    saw see second down downs like crop fire park bank banks keep bow main head hole board brown wave waved waving
    mean keen capital cut space main pool green dock crossing study note press bright brightly broad swallow crane
    pine palm maple lean found ground spirit well hall-way fall falls drop match swing main land mill
    """
)
"""Words that the painter takes for places or hours, which mostly mean something else in prose, unless a determiner and
one of `WHERE` stand before them."""
NEVER = word_set(
    """
    keep keeps kept even level still day days today yesterday someday everyday current main deep plain like just
    mean long second saw see found monday tuesday wednesday thursday friday saturday sunday birthday light lights
    time way ways well fall falls she he they somebody someone board bright brightly heaven heavens dead spring
    summer spirit down downs mine wooden mirror
    """
)
"""Of these, the ones that are never taken."""
MOODS: Mapping[str, str] = {
    "joyful": "joy happy happiness laugh laughter smile smiled cheer delight glad celebrate celebration merry fun",
    "tender": "love loved lover kiss kissed embrace tender gentle warm warmth caress hug beloved darling",
    "sorrowful": "sad sorrow grief tear tears weep wept cry cried mourn lost loss lonely alone goodbye farewell "
    "funeral died death dead grave miss missed",
    "fearful": "fear afraid terror horror scream screamed frightened scared dread nightmare monster panic trembling "
    "haunted",
    "tense": "chase chased fight fought danger escape escaped hunt threat sword gun attack battle war blood hide",
    "angry": "anger angry rage fury furious shout shouted hate hated",
    "mysterious": "mystery mysterious secret strange whisper whispered shadow shadows riddle unknown hidden enchanted "
    "magic spell curse ghost",
    "wondrous": "wonder wonderful marvel miracle amazed awe beautiful glory glorious magnificent shining discover "
    "discovered",
    "hopeful": "hope hoped dream dreamed dreams promise freedom free tomorrow home arrive arrived return returned wish",
    "calm": "calm quiet silent silence peace peaceful still slept sleep rest rested serene gentle slowly",
    "melancholic": "memory memories remember remembered rain autumn old forgotten past fading years ago nostalgia",
}
"""What it feels like: name → words."""
CAMERAS: Mapping[str, str] = {
    "close-up": "face eye eyes tear tears smile smiled lips hand hands finger fingers whisper whispered letter ring "
    "watch key flower candle looked stared",
    "aerial view": "flew fly flying rooftops soared soaring clouds birdseye map",
    "tracking shot": "ran run running chased chase rode riding raced hurried fled galloped marched followed",
    "low angle": "tower towered giant mountain loomed rose towering climbed cathedral cliff statue",
    "wide shot": "horizon landscape valley plain desert sea ocean sky army crowd city storm fields mountains "
    "everywhere distance far",
}
"""How it is looked at: name → words."""
LIGHTS = {
    "moon": "moonlight",
    "sun": "sunlight",
    "stars": "starlight",
    "fireflies": "glowing fireflies",
    "lamps": "lamplight",
    "campfire": "firelight",
    "fire": "firelight",
    "flames": "firelight",
}
"""Names of the painter's lights, for prompts."""
HOURS = {"night": "at night", "dawn": "at dawn", "noon": "at noon", "day": "by day", "dusk": "at dusk"}
WEATHERS = {
    "storm": "stormy", "rain": "rain", "snow": "snow", "snowfall": "falling snow", "fog": "fog", "cloud": "overcast",
    "clear": "clear sky", "wind": "wind", "aurora": "aurora",
}  # fmt: skip
HOUR_LIGHT = {
    "night": "moonlight",
    "dawn": "soft dawn light",
    "noon": "bright sunlight",
    "dusk": "golden evening light",
}
"""The light of an hour where nothing else shines."""
ACTS = word_set("said asked cried was had went ran walked stood looked felt knew saw took is has says and")
"""What stands behind names of persons."""
OPENERS = word_set("when then but and so as if while after before once where now here there what how why")
"""Words that begin sentences, and are no part of a name behind them."""
