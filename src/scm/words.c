#include "scm/words.h"

#include "base/base.h"

/* clang-format off */
static const char *const adjectives[] = {
	"agile", "alert", "alive", "amber", "ample", "azure", "balmy", "basic", "black", "blank",
	"blaze", "bleak", "blond", "blunt", "bonny", "brave", "brief", "brisk", "broad", "brown",
	"burly", "calmy", "cheap", "chief", "civil", "clean", "clear", "close", "comfy", "coral",
	"crisp", "cubic", "curly", "dense", "dizzy", "dusty", "eager", "early", "eight", "elder",
	"elfin", "equal", "exact", "extra", "fancy", "fifth", "first", "fixed", "fleet", "fluid",
	"foggy", "frank", "fresh", "funny", "fuzzy", "giant", "giddy", "glass", "grand", "great",
	"green", "grown", "happy", "hardy", "hasty", "hazel", "heavy", "hefty", "humid", "icing",
	"ideal", "inner", "ionic", "ivory", "jazzy", "jolly", "juicy", "jumbo", "known", "large",
	"leafy", "level", "light", "lilac", "livid", "local", "loose", "loyal", "lucid", "lucky",
	"lunar", "magic", "major", "maple", "merry", "milky", "minor", "misty", "mixed", "moist",
	"mossy", "muddy", "muted", "naval", "noble", "noisy", "north", "novel", "oaken", "ocean",
	"olive", "outer", "ovoid", "paper", "pasty", "peach", "pearl", "perky", "piano", "plain",
	"plump", "polar", "proud", "quick", "quiet", "rainy", "rapid", "ready", "regal", "rigid",
	"rival", "roman", "rough", "round", "royal", "ruddy", "rural", "rusty", "salty", "sandy",
	"sharp", "shiny", "short", "silky", "silty", "sixth", "sleek", "small", "smart", "smoky",
	"snowy", "sober", "solar", "solid", "sonic", "south", "spare", "spicy", "stark", "steel",
	"still", "stone", "stony", "stout", "sunny", "super", "sweet", "swift", "tangy", "tasty",
	"tenth", "thick", "third", "tidal", "tiger", "tight", "timid", "tonal", "total", "tough",
	"tried", "urban", "usual", "valid", "vital", "vivid", "vocal", "waxen", "wheat", "white",
	"whole", "windy", "witty", "woody", "woven", "young", "zesty", "zippy", "zonal",
};
/* clang-format on */

/* clang-format off */
static const char *const nouns[] = {
	"acre", "apex", "arch", "atom", "aura", "axis", "bank", "bark", "barn", "beak", "beam",
	"bean", "bear", "bell", "belt", "bird", "boat", "bolt", "bond", "book", "boot", "bowl",
	"brim", "buds", "buoy", "cage", "cake", "calf", "camp", "cape", "card", "cart", "cave",
	"chip", "clam", "clay", "clef", "club", "coal", "coat", "coil", "coin", "cord", "cork",
	"corn", "crab", "crew", "crow", "cube", "cuff", "dale", "dawn", "deck", "deer", "desk",
	"dial", "dice", "dock", "dome", "door", "dove", "drum", "duck", "dune", "dusk", "dust",
	"echo", "edge", "fawn", "fern", "fife", "fish", "flag", "flax", "foal", "foam", "fold",
	"font", "ford", "fork", "fort", "frog", "fuel", "gate", "gear", "germ", "gift", "glen",
	"glow", "goat", "gold", "gong", "grid", "grip", "gulf", "gust", "hail", "hall", "harp",
	"hawk", "heap", "herb", "herd", "hill", "hive", "holm", "hood", "hoof", "hook", "horn",
	"hull", "iris", "iron", "isle", "jade", "jazz", "keel", "kelp", "kiln", "kite", "knot",
	"lace", "lake", "lamb", "lamp", "lane", "lark", "lava", "lawn", "leaf", "lens", "lily",
	"lime", "line", "lion", "loaf", "loam", "lock", "loft", "loom", "luck", "lute", "lynx",
	"mare", "mask", "mast", "maze", "mead", "mesh", "mica", "mile", "milk", "mill", "mint",
	"mist", "moat", "mole", "moon", "moss", "moth", "myth", "nest", "newt", "node", "nook",
	"note", "oath", "oboe", "opal", "orca", "oven", "oxen", "page", "palm", "park", "path",
	"peak", "pear", "pier", "pine", "pipe", "plum", "poem", "pond", "pony", "port", "pulp",
	"quay", "quiz", "raft", "rail", "rain", "reed", "reef", "ring", "road", "rock", "roof",
	"rook", "root", "rope", "rose", "ruby", "rune", "rush", "sage", "sail", "salt", "sand",
	"seal", "seam", "seed", "ship", "shoe", "shop", "silk", "slab", "sled", "snow", "soap",
	"sofa", "soil", "song", "spar", "spur", "star", "stem", "step", "surf", "swan", "tail",
	"tarn", "teal", "tent", "tern", "tide", "tile", "toad", "tomb", "tone", "tool", "town",
	"tree", "trek", "tuba", "tuna", "tusk", "twig", "vale", "vane", "vase", "veil", "vine",
	"vole", "wave", "weir", "well", "whey", "wick", "wing", "wolf", "wood", "wool", "wren",
	"yard", "yarn", "yawl", "yeti", "zinc", "zone",
};
/* clang-format on */

size_t words_adjective_count(void)
{
	return ARRAY_SIZE(adjectives);
}

size_t words_noun_count(void)
{
	return ARRAY_SIZE(nouns);
}

const char *words_adjective(size_t at)
{
	return adjectives[at % ARRAY_SIZE(adjectives)];
}

const char *words_noun(size_t at)
{
	return nouns[at % ARRAY_SIZE(nouns)];
}
