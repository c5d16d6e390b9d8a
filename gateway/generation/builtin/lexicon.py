# ruff: file-ignore[split-static-string] - a list of words reads as words
"""The words English is glued together with, by class: what a term can't be, and what shows the class of its neighbours."""

DETERMINERS = frozenset(
    "the a an this that these those each every some any no all both either neither another such what which whose"
    " my your his her its our their several many much more most few fewer less least enough half certain various".split()
)
PRONOUNS = frozenset(
    "i you he she it we they me him us them myself yourself himself herself itself ourselves yourselves themselves one ones"
    " who whom somebody someone something anybody anyone anything nobody nothing everybody everyone everything mine yours hers"
    " ours theirs there here none others".split()
)
PREPOSITIONS = frozenset(
    "of in on at by for from to with without within into onto upon over under above below between among across through"
    " throughout during before after since until till against along around about behind beside besides beyond despite down"
    " except inside like near off out outside past per plus than toward towards underneath unlike up via versus as amid".split()
)
CONJUNCTIONS = frozenset(
    "and or but nor so yet if because although though while whereas unless when whenever where wherever whether that how why"
    " once lest".split()
)
AUXILIARIES = frozenset(
    "is are was were be been being am has have had having do does did doing done can could may might must shall should will"
    " would cannot ought isn't aren't wasn't weren't hasn't haven't hadn't don't doesn't didn't can't couldn't won't wouldn't"
    " shouldn't mustn't it's that's there's here's let's".split()
)
ADVERBS = frozenset(
    "not very too also just only even still already again always never often sometimes usually rarely seldom ever soon now then"
    " today almost nearly quite rather perhaps maybe however therefore thus hence moreover furthermore instead indeed otherwise"
    " meanwhile nevertheless nonetheless together apart away back forward ahead abroad further far well better best twice once"
    " least most more less much so first second third next last later earlier ago yet else elsewhere somewhere everywhere"
    " anyway especially mostly mainly roughly about around simply actually really generally typically originally recently"
    " currently finally eventually particularly approximately exactly directly entirely fully partly".split()
)
ADJECTIVES = frozenset(
    "new old good bad great small large big little long short high low early late young important different same other own"
    " public able common possible likely certain clear recent similar single simple full true false hard easy real strong weak"
    " whole free open close main major minor special general particular specific different further additional available"
    " necessary useful whole entire total total several fast slow quick deep shallow wide narrow thick thin heavy light hot cold"
    " warm cool dry wet bright dark rich poor safe dangerous rare typical usual normal modern ancient current previous following"
    " final next last past present right wrong left ready complete separate equal large larger largest small smaller smallest"
    " higher highest lower lowest greater greatest longer longest shorter shortest older oldest newer newest better best worse"
    " worst bigger biggest faster fastest slower slowest stronger weaker deeper warmer colder easier harder earlier later".split()
)
VERBS = frozenset(
    "accept achieve act add affect agree allow appear apply argue arise arrive ask assign assume avoid base become begin bend believe"
    " belong bind blow borrow break bring build burn buy call carry catch cause change check choose claim collect combine come"
    " compare compile compose compute connect consider consist contain continue control convert cool copy cost count cover create"
    " cross cut deal decide decrease define deliver demand depend derive describe design destroy detect determine develop die"
    " differ discover discuss distinguish divide draw drive drop eat employ enable encourage end ensure enter establish evolve"
    " examine exceed exist expand expect explain express extend face fail fall feed feel fill find fit flow follow force form"
    " found gain gather generate get give go govern grow happen hatch hear heat help hold identify illustrate imagine implement improve"
    " include increase indicate influence introduce invent involve join keep kill know lack last lay lead learn leave let lie"
    " like limit link live look lose maintain make manage mark mean measure meet melt mention move need note observe obtain occur"
    " offer open operate own pass pay perform permit place plan play point pop prefer prepare present preserve prevent produce"
    " promise protect prove provide pull push put raise reach react read receive recognize recognise record reduce refer reflect"
    " refuse reject relate release rely remain remember remove repeat replace report represent require respond rest result return"
    " reveal rise run save say see seek seem sell send separate serve set shape share show sink sit solve speak spend split spread"
    " stand start state stay stop store study succeed suggest supply support surround survive take talk teach tell tend test"
    " think throw transfer transform travel treat try turn understand unite use vary view visit wait walk want warm wash watch"
    " wear win work write yield absorb accelerate adapt adjust admit adopt advance alter announce anticipate appoint approach"
    " arrange assemble attach attack attempt attract await bake bear beat block boil bounce breathe breed brew bury calculate cancel"
    " capture cease charge chase circulate circle claim clean clear climb cling close collapse collide commit communicate compete"
    " complete compress conclude condense confirm confuse conquer consume contract contrast contribute cook correct correspond"
    " criticise crowd crystallise cure dance date decay declare decline decode decorate defeat defend delay demonstrate deny deposit"
    " descend deserve differentiate dig digest discharge dissolve dive divert dominate double drag drain drift drown dry earn educate"
    " eject elect eliminate emerge emit emphasise encounter enforce engage enjoy enlarge erode erupt escape estimate evaporate evade"
    " exchange exclude execute exert exhale exhibit expel experience exploit explode explore export expose extract feed ferment fetch"
    " fight filter finish fire fish fix float flood fly focus forbid forget freeze fuel fulfil function fuse generate glow grind guard"
    " guide halt handle hang harm harvest hide hit hunt hurt ignite ignore import impose inhabit inherit inject inspire install insist"
    " integrate intend interact interpret interrupt invade invest invite isolate issue jump justify knock land last launch leak lean"
    " lift line load lock lower manufacture march marry match mate mature merge migrate mine mix modify monitor mount multiply name"
    " navigate neglect negotiate object occupy organise orbit originate oscillate oversee oxidise pack paint perceive persist persuade"
    " pick pile plant polish possess pour practise praise preach precede predict press pretend proceed process proclaim prohibit"
    " project pronounce propose protest publish pump punish purchase pursue qualify quit race radiate rain react rebuild recall reckon"
    " recommend recover recycle refine regard regulate reinforce release remind render rent repair repel request rescue research reside"
    " resist resolve restore restrict retain retire retreat retrieve reverse review revolve ride ring roll rotate rub rule rush rust"
    " sail satisfy scatter schedule score scratch seal search secrete secure seize select settle shake shift shine shoot shout shrink"
    " shut sign signal simplify sing sleep slide slow smell smoke soak solidify sort span specify spell spill spin spoil sprout squeeze"
    " stabilise stick stimulate sting stir store strengthen stretch strike strip struggle submit substitute suck suffer suit summon"
    " surge surrender suspect suspend sustain swallow sweep swell swim swing switch taste tear tie tighten tilt touch trace track trade"
    " train transmit trap tremble trigger tune twist undergo unite update urge utilise vanish vaporise vibrate violate vote wander warn"
    " waste weaken weigh whisper widen wind withdraw withstand wonder worry wrap".split()
)
IRREGULAR_VERBS = frozenset(
    "became began bound blew broke brought built bought came caught chose cost cut dealt died drew drove ate fell fed felt found"
    " fit gave went gone got grew held heard kept knew known laid led left let lay lain lost made meant met paid put ran read rose"
    " risen said saw seen sent set shown shone sank sunk sat sold spoke spoken spent split spread stood took taken taught told"
    " thought threw thrown tried understood won wore worn wrote written driven drawn grown given chosen broken begun".split()
)
GENERIC_NOUNS = frozenset(
    "thing things way ways example examples part parts kind kinds case cases fact facts number numbers lot lots time times"
    " people person year years day days point points problem problems reason reasons result results sort sorts type types form"
    " forms place places side sides end ends set sets group groups use uses word words term terms name names idea ideas area areas"
    " amount amounts piece pieces bit question questions answer answers section chapter book figure table listing note page line"
    " lines level levels order rest step steps issue issues effect effects difference differences change changes position"
    " situation situations purpose purposes aspect aspects feature features item items list course work works thought man men"
    " woman women world life today hour hours minute minutes second seconds week weeks month months century centuries decade"
    " moment action behavior behaviour manner means method approach topic subject matter matters detail details addition look"
    " other others same one ones first half need needs help try start beginning middle top bottom front back left right size"
    " instance instances concept concepts pair pairs majority variety range series good news wrinkle context conclusion summary"
    " introduction overview version versions advantage advantages disadvantage benefit benefits role roles job jobs hand hands".split()
)
WEAK_LEADS = frozenset(
    "new old good bad great small large big little long short high low same other own able certain clear recent similar single"
    " simple whole main major minor particular specific further additional available necessary useful entire several following"
    " previous next last first second third different such many more most various possible important typical usual real true"
    " current given resulting existing called named known used based made using being having doing going whose only first-ever"
    " above below original good-sized enough extra common exact actual general few one two three four five six seven eight nine"
    " ten better best worse worst larger largest smaller smallest higher highest lower lowest greater greatest longer shorter"
    " special ordinary normal right wrong left opposite full total complete modern early late".split()
)
UNITS = (
    r"(?:k|c|m|d|µ|μ|n|h|M|G|T)?(?:m|g|s|W|Wh|Hz|J|Pa|V|A|N|L|l|eV|B|bit|bits|bytes?|cal|mol|bar|t)(?:[²³]|/s|/h|/m[²³]?|·s)?"
    r"|(?:kilo|centi|milli|micro|nano|mega|giga|tera)?(?:met(?:re|er)|gram|lit(?:re|er)|watt|hertz|joule|pascal|volt|amp(?:ere)?|newton"
    r"|byte|bit|calorie|ton(?:ne)?)s?(?:[ -](?:per|an?) [a-z]+)?"
    r"|(?:square|cubic) [a-z]+|miles?(?: per hour)?|feet|foot|inch(?:es)?|yards?|acres?|hectares?|knots?|pounds?|ounces?|gallons?|degrees?(?: [A-Z][a-z]+)?"
    r"|°\s?[CF]?|K|percent|per cent|%|‰|ppm|mph|km/h|seconds?|minutes?|hours?|days?|weeks?|months?|years?|decades?|centuries|century|times|people"
    r"|dollars?|euros?|cents?|kWh|rpm|dB|pH|light-years?|parsecs?|nautical miles?"
)
FIRST_NAMES = frozenset(
    "james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark donald steven"
    " paul andrew george edward henry isaac albert marie mary elizabeth anne anna jane sarah emma alice ada grace rosalind dorothy"
    " barbara margaret catherine katherine rachel louis alexander alfred arthur benjamin carl karl ernest erwin francis franz"
    " friedrich galileo gottfried gregor hans hermann hippolyte ignaz johann johannes joseph jules julius leonardo leonhard lise"
    " ludwig max michel napoleon niels nikola nicolaus otto peter pierre rené rudolf samuel sigmund stephen tycho vera victor"
    " walter wilhelm wolfgang edmond edwin enrico ernst eugene frederick gustav harold harriet howard hugh ian ibn jean joan lord"
    " lucy martin nelson oliver patrick philip ralph roger simon susan theodore tim vincent pliny aristotle plato".split()
)
PLACE_WORDS = frozenset(
    "river sea ocean bay gulf strait lake mount mountain mountains island islands isle peninsula canal channel valley desert coast"
    " cape harbour harbor port city county province state kingdom republic street park forest falls glacier plateau basin".split()
)
PLACES = frozenset(
    "africa asia europe america antarctica australia oceania england scotland wales ireland britain france germany italy spain"
    " portugal netherlands holland belgium switzerland austria poland russia ukraine sweden norway denmark finland iceland greece"
    " turkey egypt morocco nigeria kenya ethiopia tanzania ghana india china japan korea indonesia vietnam thailand malaysia"
    " philippines pakistan bangladesh iran iraq israel syria lebanon arabia canada mexico brazil argentina chile peru colombia"
    " venezuela bolivia ecuador cuba california texas florida alaska hawaii london paris berlin rome madrid vienna venice amsterdam"
    " moscow athens cairo jerusalem baghdad beijing tokyo delhi mumbai sydney boston chicago washington manchester edinburgh"
    " bristol liverpool hamburg munich milan florence naples lisbon dublin geneva zurich stockholm oslo copenhagen brittany"
    " normandy siberia mediterranean atlantic pacific arctic baltic caribbean sahara himalayas alps andes amazon nile danube rhine"
    " thames mississippi york orleans zealand kong singapore istanbul constantinople".split()
)
ORGANISATION_WORDS = frozenset(
    "university institute society company corporation committee council commission agency association academy college laboratory"
    " observatory foundation bank ministry department office museum organization organisation union party army navy inc ltd".split()
)
ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof st sr jr vs e.g i.e eg ie cf al fig figs eq eqs no nos vol vols pp p ch sec secs approx ca"
    " dept est gen col lt sgt capt rev hon mt ft viz resp incl esp ed eds trans repr op cit n.b ibid".split()
)
MONTHS = frozenset("jan feb mar apr jun jul aug sep sept oct nov dec".split())
STARTERS = frozenset(
    "the a an this that these those it its in on at of for from to by with as if when while where because although"
    " since they he she we you i there here however but and so then such each every some many most all both no not its"
    " their his her our your after before during until once now today also another other one two first second what"
    " which who how why unlike like".split()
)
POINTERS = frozenset("listing figure table chapter section appendix example equation step part page exercise".split())
NOUNS_BY_EXCEPTION = frozenset(
    "variable table cable vegetable syllable constable timetable obstacle family assembly anomaly supply reply current gradient"
    " agent component continent element music traffic student patient plant event accident percent extent signal material animal"
    " mineral metal crystal removal arrival proposal journal canal interval hospital capital terminal festival survival spring"
    " string evening morning ceiling building meaning lightning wedding bed seed shed fabric logic topic republic clinic critic"
    " arctic atlantic moment instrument document experiment environment government movement measurement argument segment fragment"
    " sediment equipment treatment development statement requirement payment cement comment ingredient nutrient client parent"
    " accent content contents percentage archive motive detective native initiative objective alternative perspective olive drive"
    " hive dive business illness witness library salary boundary dictionary secretary century january february estuary summary".split()
)
SMALL_IN_TITLES = frozenset("a an the of and or in on at by for from to with as nor but is".split())
