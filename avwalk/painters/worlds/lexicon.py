"""The words that the built-in painter knows, by what they mean.

Each table maps a concept to words that stand for it, without endings of number and degree; `reading` matches stems
and compounds, so that ``stormy``, ``storms`` and ``thunderstorm`` need no entries of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

PLACES: Mapping[str, str] = {
    "sea": (
        "sea ocean wave swell surf tide gulf bay strait main deep brine water billow breaker fjord lagoon maritime "
        "marine"
    ),
    "beach": "beach coast shore seaside strand shoreline seashore bank sandbank cove",
    "lake": "lake pond pool tarn mere loch reservoir mirror",
    "river": "river stream creek brook rivulet canal waterway delta estuary torrent current rapids",
    "waterfall": "waterfall cascade cataract",
    "harbour": "harbour harbor port dock quay wharf pier marina jetty anchorage",
    "island": "island isle islet atoll archipelago",
    "mountain": (
        "mountain peak summit alp ridge range massif crag sierra pinnacle highland cliff canyon gorge ravine pass"
    ),
    "hill": ("hill slope knoll downs moor heath highlands valley vale dale glen upland countryside landscape hillside"),
    "desert": "desert dune sand sahara wasteland badlands mesa oasis wilderness barren",
    "field": (
        "field wheat corn barley rye crop farmland harvest farm cornfield prairie plain steppe savanna savannah grain "
        "hay"
    ),
    "meadow": "meadow pasture grass grassland lawn lea park paddock green",
    "garden": "garden flowerbed orchard bower hedge blossom rosegarden terrace vineyard",
    "forest": "forest wood woods woodland trees grove thicket pines copse timberland taiga clearing glade",
    "jungle": "jungle rainforest tropics mangrove undergrowth bamboo",
    "swamp": "swamp marsh bog fen wetland mire bayou morass",
    "snowfield": "snowfield ice glacier arctic tundra polar icefield iceberg antarctic floe",
    "volcano": "volcano lava crater magma caldera eruption",
    "fire": "fire flame blaze inferno bonfire hearth conflagration campfire wildfire pyre",
    "city": (
        "city town metropolis skyline downtown skyscraper building rooftop urban megacity capital suburb borough "
        "manhattan tokyo paris london venice factory architecture"
    ),
    "village": "village hamlet settlement cottages homestead township",
    "street": ("street road alley avenue lane boulevard highway square market pavement path footpath track railway"),
    "castle": "castle fortress citadel palace keep stronghold chateau fort kingdom",
    "ruin": "ruin ruins temple monument pyramid colonnade graveyard cemetery tomb abbey",
    "interior": (
        "room hall chamber kitchen bedroom corridor library attic cellar parlour parlor study theatre theater "
        "cathedral church chapel museum office school inn tavern cafe bar station cabin hut"
    ),
    "cave": "cave cavern grotto tunnel mine underground dungeon burrow catacomb abyss hole vault",
    "underwater": ("underwater reef seabed aquarium undersea submarine submerged coral kelp depths deepsea atlantis"),
    "space": (
        "space galaxy universe cosmos nebula planet orbit asteroid milky interstellar supernova constellation "
        "spacecraft spaceship astronaut celestial comet mars saturn jupiter"
    ),
    "sky": "sky heaven air heavens firmament horizon stratosphere",
}
"""Where it is. The first word of each is its own name."""
SUBJECTS: Mapping[str, str] = {
    "boat": (
        "boat ship sail sailboat yacht vessel schooner galleon ferry canoe barge raft fisherman steamer frigate sailor"
    ),
    "lighthouse": "lighthouse beacon",
    "house": (
        "house cottage home barn farmhouse mill hut cabin shack villa manor windmill chalet bungalow dwelling shed"
    ),
    "tower": "tower turret spire steeple belfry minaret obelisk pagoda",
    "tree": "tree oak pine willow birch cedar elm maple palm cypress fir beech",
    "person": (
        "person man woman girl boy child figure traveller traveler wanderer king queen lady knight monk pilgrim lover "
        "couple mother father brother sister hero stranger shepherd soldier dancer ghost hunter priest princess "
        "prince wizard witch walker he she they somebody someone"
    ),
    "bird": (
        "bird gull seagull swan crow raven eagle heron dove flock swallow geese goose hawk crane owl sparrow starling"
    ),
    "fish": "fish shark dolphin koi trout turtle jellyfish",
    "whale": "whale orca leviathan",
    "horse": "horse pony stallion mare foal unicorn donkey mule steed",
    "wolf": "wolf dog fox hound puppy jackal coyote wolves",
    "deer": "deer stag doe elk reindeer moose antelope",
    "cat": "cat kitten kitty",
    "bear": "bear grizzly",
    "rabbit": "rabbit hare bunny",
    "dragon": "dragon wyvern",
    "flower": (
        "flower violet cherry rose tulip poppy lily daisy bloom petal sunflower orchid lotus lavender dandelion iris "
        "peony"
    ),
    "bridge": "bridge viaduct aqueduct arch",
    "balloon": "balloon airship zeppelin blimp",
    "books": "book books library bookshelf bookshop shelves scroll",
}
"""Who or what is there."""
TIMES: Mapping[str, str] = {
    "night": (
        "night midnight nocturnal nocturne nighttime moonlight starlight moonlit starlit witching sleepless star moon "
        "moonrise blackout nightfall lamplight lamplit"
    ),
    "dawn": "dawn sunrise daybreak morning sunup cockcrow",
    "noon": (
        "noon midday noonday noontide zenith noontime sunlit sunshine sunny sunlight sun bright dazzling broad daylight"
    ),
    "day": "day daytime afternoon forenoon summer spring",
    "dusk": "dusk sunset evening twilight sundown gloaming eventide afterglow vespers",
}
"""When it is."""
WEATHERS: Mapping[str, str] = {
    "storm": (
        "storm snowstorm rainstorm tempest thunder lightning hurricane gale typhoon cyclone squall tornado whirlwind "
        "thunderstorm blizzard tempestuous maelstrom thunderclap northeaster twister hail sandstorm sirocco simoom "
        "mistral angry billowy dirty foul turbulent roiling churning"
    ),
    "rain": "rain drizzle downpour shower wet rainy cloudburst deluge monsoon puddle",
    "snow": ("snow blizzard flurry snowfall snowstorm winter frost sleet snowflake icy frozen wintry christmas"),
    "snowfall": "blizzard flurry snowfall snowstorm sleet snowflake snowing",
    "fog": "fog mist haze smoke steam misty foggy hazy smog vapour vapor gauze murk",
    "cloud": "cloud overcast cloudy clouded cumulus cirrus",
    "clear": "clear cloudless limpid crystalline bright",
    "wind": "wind breeze gust windy blustery",
    "aurora": "aurora borealis polarlight",
}
"""What the air does."""
ENERGIES: Mapping[str, tuple[float, str]] = {
    "storm": (
        1.0,
        (
            "storm tempest hurricane gale typhoon cyclone tornado squall blizzard raging furious violent wild fierce "
            "savage frantic chaotic turbulent turmoil explosion erupt explode crash roaring roar thunder battle war "
            "fight rage fury rushing stampede riot frenzied stormy tempestuous tumultuous boisterous ferocious rough "
            "maelstrom whirl chaos eruption panic angry churn roil surge billow thrash heave wrath howl toss swirl "
            "convulsion mayhem havoc frenetic hectic seethe boil violence tumult uproar commotion upheaval outburst "
            "blast squally wuthering"
        ),
    ),
    "lively": (
        0.45,
        (
            "wind gust lively busy running racing dancing fast quick swift galloping swirling flying bustling rapid "
            "crowded excited playful carnival blaze fire blazing restless agitated energetic choppy breezy chase "
            "speeding hurry torrent ruffled troubled stirring bluster blowy puffy blow disturb shake tremble rough "
            "quiver bounce dance spin vivid vibrant rush flurry bubbling"
        ),
    ),
    "gentle": (
        -0.4,
        (
            "gentle soft slow drifting floating mild breeze lazy resting leisurely tender mellow soothing delicate "
            "lulling faint subtle quietly dreamy dream drowsy idle hazy pastoral"
        ),
    ),
    "calm": (
        -1.0,
        (
            "calm still quiet silent peaceful serene tranquil motionless placid sleeping asleep silence peace "
            "stillness windless unmoving glassy hushed restful frozen lonely deserted meditation zen repose smooth "
            "sleep settled composed pacific halcyon equable untouched even level unhurried contented ease slumber "
            "doze cool poise hush noiseless soundless inert immobile stagnant stationary steady dead lull slack balmy "
            "undisturbed unbroken meditative relax mellow sedate collected"
        ),
    ),
}
"""How much moves: −1 nothing, 1 all of it."""
TONES: Mapping[str, tuple[float, str]] = {
    "dark": (
        -1.0,
        (
            "dark darkness black gloomy shadow shadowy dim dusky sombre somber murky unlit gloom obscure sinister "
            "ominous pitch-black inky blackness shade grim bleak menacing foul wicked dimness blackout brownout "
            "tenebrous caliginous stygian dull overcast"
        ),
    ),
    "bright": (
        1.0,
        (
            "bright light luminous radiant dazzling brilliant shining glowing sunny blinding gleaming airy shiny "
            "joyful cheerful happy glorious cheery gay golden lit illuminated incandescent lustrous sparkling "
            "flashing"
        ),
    ),
}
"""How light it is, beside the time of day."""
LIGHTS: Mapping[str, str] = {
    "moon": "moon moonlight moonlit crescent moonrise lunar",
    "sun": "sun sunlight sunset sunrise sunshine sunlit sunny solar sunbeam",
    "stars": "star starlight starry starlit constellation stellar galaxy milky ",
    "fireflies": "firefly fireflies glowworm",
    "lantern": "lantern lanterns torch",
    "campfire": "campfire bonfire hearth fireplace fireside pyre embers",
    "fire": "fire",
    "flames": "flame blaze inferno conflagration wildfire ablaze aflame burn burnt",
    "lamps": "lamp lantern light streetlight window candle neon lamplight candlelight torch glow lamplit",
}
"""What shines."""
STYLES: Mapping[str, str] = {
    "ink": "ink sumi calligraphy brushwork wash",
    "watercolour": "watercolour watercolor aquarelle gouache pastel",
    "engraving": "engraving etching woodcut linocut drawing sketch pencil line lithograph hatching",
    "paper": "paper collage cutout origami papercut poster flat",
    "print": "print comic halftone pop risograph zine screenprint newspaper",
    "monochrome": "monochrome greyscale grayscale noir",
    "neon": "neon cyberpunk synthwave vaporwave fluorescent bioluminescent ultraviolet",
    "oil": "oil impressionist impasto expressionist canvas painterly",
}
"""How it is made."""
NATURAL: Mapping[str, str] = {
    "poppy": "#d8342b", "sunflower": "#f2b61c", "lavender": "#8f6fc4", "rose": "#d8466a", "tulip": "#e0476b",
    "lily": "#f3ead8", "daisy": "#f4f0e4", "violet": "#7a4fb0", "lilac": "#b99ad6", "orchid": "#c86fb8",
    "dandelion": "#f0cf2c", "lotus": "#eeb7c6", "iris": "#6c5ac0", "peony": "#e58aa0", "cherry": "#f2b8c6",
    "blossom": "#f0c0cc", "koi": "#e8702a", "swan": "#f0efe9", "raven": "#17181c", "crow": "#17181c",
}  # fmt: skip
"""Subjects that have a colour of their own."""
MATERIALS: Mapping[str, str] = {
    "relief": ("metal molten mercury chrome silk cloth velvet liquid marble wax glass melt bronze fabric fold stone"),
    "void": "sculpture statue object jewel crystal gem mask skull heart orb sphere egg portrait face bust",
    "lines": "contour map line thread wire network string vibration topographic labyrinth maze",
    "tunnel": "vortex spiral whirlpool wormhole passage time memory portal eye dream",
    "ink": "smoke dye abstract emotion love fear joy grief sorrow thought music soul spirit breath",
    "weave": (
        "mandala ornament pattern lace kaleidoscope mosaic carpet window stained symmetry snowflake quilt tile "
        "arabesque"
    ),
}
"""What is seen where there is no place: the forms of the built-in generator."""
PARTS: Mapping[str, str] = {
    "sky": "sky heaven cloud sunset sunrise dawn dusk twilight evening morning night air",
    "light": "sun moon star lamp lantern light lightning glow window",
    "ground": (
        "sea ocean water lake river field meadow beach sand dune desert grass snow road street floor wheat ice wave"
    ),
    "far": (
        "mountain hill forest city town building skyline tree cliff island ridge castle village tower wood wall room "
        "hall chamber"
    ),
    "air": "fog mist haze smoke rain",
}
"""What a colour before one of these words colours; where there is none, all of it."""
WORN = (
    "coat raincoat overcoat cloak cape dress gown skirt shirt blouse hat cap hood scarf shawl veil jacket robe tunic "
    "trousers pants boot shoe glove uniform suit apron kimono sari turban crown ribbon umbrella hair beard eye"
)
"""What a person wears or has: its colour is the person's, not that of the picture."""
WITHOUT = {"no", "without", "not", "never", "nor", "neither", "lacking"}
"""What comes behind one of these is not there."""
