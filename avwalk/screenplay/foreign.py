"""A few hundred words of French, German, Spanish and Italian for what can be seen, so that rules give painters English.

No translation: a list of what is named, in the order of the text. A row is English, French, German, Spanish, Italian;
a word counts as it is written, else by its stem.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

LANGUAGES = ("fr", "de", "es", "it")
ROWS = """
sea | mer océan | meer ozean | mar océano | mare oceano
beach | plage | strand | playa | spiaggia
waves | vague flot | welle | ola olas | onda
lake | lac étang | see teich | lago | lago
river | rivière fleuve ruisseau | fluss bach strom | río arroyo | fiume ruscello
harbour | port quai | hafen kai | puerto muelle | porto molo
island | île | insel | isla | isola
mountain | montagne sommet | berg gipfel gebirge | montaña cumbre sierra | montagna monte vetta
hill | colline | hügel | colina | collina
valley | vallée | tal | valle | valle
desert | désert dune | wüste düne | desierto duna | deserto duna
field | champ | feld acker | campo | campo
meadow | prairie pré | wiese weide | prado | prato
garden | jardin | garten | jardín | giardino
forest | forêt bois | wald forst | bosque selva | bosco foresta
tree | arbre chêne | baum eiche | árbol roble | albero quercia
snow | neige | schnee | nieve | neve
ice | glace | eis | hielo | ghiaccio
city | ville cité | stadt | ciudad | città
village | village hameau | dorf | pueblo aldea | villaggio paese
street | rue route chemin | strasse straße gasse | calle camino carretera | strada sentiero
castle | château | schloss burg | castillo | castello
house | maison cabane | haus hütte | casa cabaña | casa capanna
tower | tour phare | turm | torre | torre
lighthouse | phare | leuchtturm | faro | faro
church | église cathédrale | kirche dom | iglesia catedral | chiesa cattedrale
room | chambre salle pièce | zimmer raum stube | habitación sala cuarto | stanza camera sala
kitchen | cuisine | küche | cocina | cucina
window | fenêtre | fenster | ventana | finestra
bridge | pont | brücke | puente | ponte
cave | grotte caverne | höhle grotte | cueva | grotta caverna
sky | ciel | himmel | cielo | cielo
space | espace galaxie | weltraum weltall galaxie | espacio galaxia | spazio galassia
ruin | ruine temple | ruine tempel | ruina templo | rovina tempio
boat | bateau barque navire voilier | boot schiff kahn segelboot | barco barca nave velero | barca nave veliero
train | train | zug | tren | treno
bird | oiseau mouette corbeau | vogel möwe rabe | pájaro gaviota cuervo | uccello gabbiano corvo
fish | poisson baleine | fisch wal | pez ballena | pesce balena
horse | cheval | pferd ross | caballo | cavallo
dog | chien | hund | perro | cane
cat | chat | katze kater | gato gata | gatto gatta
wolf | loup | wolf | lobo | lupo
flower | fleur rose | blume blüte rose | flor rosa | fiore rosa
shell | coquillage coquille | muschel | concha | conchiglia
man | homme | mann | hombre | uomo
woman | femme | frau | mujer | donna
girl | fille fillette | mädchen | niña chica muchacha | ragazza bambina
boy | garçon | knabe bub | niño chico muchacho | ragazzo bambino
child | enfant | kind | criatura | bimbo bimba
mother | mère maman | mutter | madre | madre
father | père papa | vater | padre | padre
king | roi | könig | rey | re
queen | reine | königin | reina | regina
fisherman | pêcheur | fischer | pescador | pescatore
sailor | marin matelot | matrose seemann | marinero | marinaio
people | gens foule | leute menge | gente multitud | gente folla
night | nuit minuit | nacht mitternacht | noche medianoche | notte mezzanotte
morning | matin aube aurore | morgen morgendämmerung | mañana alba amanecer madrugada | mattino mattina alba
noon | midi | mittag | mediodía | mezzogiorno
evening | soir crépuscule soirée | abend dämmerung abenddämmerung | atardecer crepúsculo | sera tramonto crepuscolo
summer | estival | sommer | verano | estate
autumn | automne | herbst | otoño | autunno
winter | hiver | winter | invierno | inverno
storm | tempête orage | sturm gewitter unwetter | tormenta tempestad | tempesta temporale
rain | pluie | regen | lluvia | pioggia
fog | brouillard brume | nebel dunst | niebla bruma | nebbia bruma
wind | vent | wind | viento | vento
clouds | nuage | wolke | nube | nuvola nube
sun | soleil | sonne | sol | sole
moon | lune | mond | luna | luna
stars | étoile | stern | estrella | stella
fire | feu flamme incendie | feuer flamme brand | fuego llama incendio | fuoco fiamma incendio
lamp | lampe lanterne | lampe laterne | lámpara farol linterna | lampada lanterna
candle | bougie chandelle | kerze | vela | candela
light | lumière lueur | licht schein | luz | luce
shadow | ombre | schatten | sombra | ombra
gold | doré dorée | gold golden | oro dorado | oro dorato
red | rouge | rot rote | rojo | rosso
blue | bleu bleue | blau | azul | blu azzurro
green | vert verte | grün grüne | verde | verde
yellow | jaune | gelb | amarillo | giallo
white | blanc blanche | weiß weiss | blanco | bianco
black | noir noire | schwarz | negro | nero
grey | gris grise | grau | gris | grigio
pink | rose | rosa | rosado | rosa
dark | sombre obscur | dunkel dunkle finster | oscuro | buio scuro
old | vieux vieille vieil ancien | alt alte | viejo antiguo | vecchio antico
young | jeune | jung | joven | giovane
small | petit petite | klein kleine | pequeño | piccolo
big | grand grande énorme | groß gross riesig | grande enorme | grande enorme
lonely | seul seule solitaire | einsam allein | solo sola solos solas solitario | solo solitario
calm | calme tranquille paisible | ruhig still friedlich | tranquilo calma | calmo tranquillo
dancing | danse | tanzt tanzen | baila bailar | balla ballare
walking | marche marchent | geht gehen wandert | camina andar | cammina camminare
running | courir courent | läuft rennt | corre correr | corre correre
sleeping | dort dormir | schläft schlafen | duerme dormir | dorme dormire
dream | rêve songe | traum | sueño | sogno
sad | triste | traurig | triste | triste
happy | heureux heureuse joyeux | glücklich froh fröhlich | feliz alegre | felice allegro
""".strip()
FEW = 2
"""Words that have to be known of a scene, or its text stands for itself."""
_MOST = 16  # words of a list


def visible_things(text: str, language: str) -> str:
    """What is named in a text, in English: ``"wind, sea, waves, sky"``; empty where too little is known of it.

    Args:
        text: of a scene.
        language: of `LANGUAGES`; of any other nothing is known.
    """
    if language not in LANGUAGES:
        return ""
    known = _table(language)
    found: list[str] = []
    for word in re.findall(r"[^\W\d_]+", text):
        english = known.get(_bare(word)) or known.get(_stem(word, language), "")
        if english and english not in found:
            found.append(english)
    return ", ".join(found[:_MOST]) if len(found) >= FEW else ""


@cache
def _table(language: str) -> Mapping[str, str]:
    """Word or stem → English; words before stems, the first row of each counts."""
    column = 1 + LANGUAGES.index(language)
    rows = [[cell.strip() for cell in row.split("|")] for row in ROWS.splitlines()]
    words = [(word, cells[0]) for cells in rows for word in cells[column].split()]
    found: dict[str, str] = {}
    for word, english in words:
        found.setdefault(_bare(word), english)
    for word, english in words:
        found.setdefault(_stem(word, language), english)
    return found


_ENDINGS = {"fr": r"(?<=...)[sx]$", "de": r"(?<=....)(?:en|er|es|n|e|s)$", "es": r"(?<=...)(?:es|[ao]s?)$"}
_ENDINGS["it"] = r"(?<=...)h?[aeio]$"


def _bare(word: str) -> str:
    """A word without case and accents."""
    letters = unicodedata.normalize("NFKD", word.lower().replace("ß", "ss"))
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _stem(word: str, language: str) -> str:
    """A word without its ending of number or gender."""
    return re.sub(_ENDINGS[language], "", _bare(word))
