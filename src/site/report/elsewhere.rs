//! Names of other template languages and of Python, each with what to write here.

/// Names, and the help for each of them.
pub(crate) type Row = (&'static [&'static str], &'static str);

pub(super) const NO_TRANSLATIONS: &str =
    "there are no translations: write the text itself, or keep texts in the table `[site]`";
const PATH: &str =
    "write the path from the root: `<a href=\"/about\">`, `<img src=\"/images/logo.png\">`";
const NO_FORMS: &str = "a page gets no form data: leave it out, and send the form to a service";
const NO_SESSION: &str = "a page knows no sessions and no users: leave it out";
const ARITHMETIC: &str = "numbers take operators: `{{ a + b }}`, `{{ a - b }}`, `{{ a * b }}`, \
                          `{{ a // b }}`, `{{ a % b }}`";
const LINE_BREAKS: &str = "here it is `{{ text | replace(\"\\n\", \"<br>\" | safe) }}`";
const SELECT: &str = "here it is `{{ list | selectattr(\"key\", \"eq\", value) | list }}`";
const GROW: &str = "a list does not change: `{% set list = list + [item] %}` makes a longer one, in \
                    a loop as a part of a `namespace`";
pub(super) const INCLUDE: &str = "here it is `{% include \"_part.html\" %}`";
pub(super) const EACH: &str = "here it is `{% for item in list %}` … `{% endfor %}`";
const CHOICE: &str = "here it is `{% if a == 1 %}` … `{% elif a == 2 %}` … `{% endif %}`";
pub(super) const BLOCK: &str = "here it is `{% block name %}` … `{% endblock %}`";
const LISTED: &str =
    "here it is `{% for post in pages(\"blog/\", sort=\"-date\") %}` … `{% endfor %}`";
const TAGGED: &str = "here it is `{% for tag in tags(\"blog/\") %}` … `{% endfor %}`";
const ARGUMENTS: &str = "a macro takes the arguments that it names: `{% macro name(a, b=1) %}`";
const SPACE: &str = "`{%- if a -%}` takes away the space around a tag";
const ELEMENT: &str = "write the element itself: `<style>`, `<script>`, `<pre>`";
const DATE: &str = "here it is `{{ page.date | date(\"%d %B %Y\") }}`";
const KIND: &str = "`{% if value is string %}` asks for its kind; there are also `number`, \
                    `sequence`, `mapping` and `boolean`";
pub(super) const LENGTH: &str = "here it is `{{ list | length }}`";
const CUT: &str = "here it is `{{ text[0:3] }}`";
const CONTAINS: &str = "here it is `{% if \"part\" in text %}`";
const STARTS: &str = "here it is `{% if page.url is startingwith(\"/docs\") %}`";
const ENDS: &str = "here it is `{% if page.url is endingwith(\".html\") %}`";
const YEAR: &str = "here it is `{{ now() | date(\"%Y\") }}`";
const SHOW_DEBUG: &str = "here it is `{{ debug(value) }}`";
const PADDED: &str =
    "here it is `{{ \"%05d\" | format(number) }}`, or `{{ \"{:>5}\".format(text) }}`";

pub(crate) const RANGE: &str = "here it is `{{ range(1, 6) }}`, which ends before the 6";

/// For a filter that there is not.
pub(crate) const FILTERS: &[Row] = &[
    (&["upcase", "uppercase", "toUpper"], "here it is `{{ text | upper }}`"),
    (&["downcase", "lowercase", "toLower"], "here it is `{{ text | lower }}`"),
    (&["strip", "lstrip", "rstrip", "chomp"], "here it is `{{ text | trim }}`"),
    (&["capfirst", "ucfirst"], "here it is `{{ text | capitalize }}`"),
    (&["titlecase", "title_case", "titleize"], "here it is `{{ text | title }}`"),
    (&["size", "len"], LENGTH),
    (&["append", "prepend"], "`{{ text ~ more }}` joins texts, and `{{ list + [item] }}` lists"),
    (&["plus", "minus", "times", "divided_by", "modulo", "add"], ARITHMETIC),
    (&["strip_html", "removetags", "plainify"], "here it is `{{ text | striptags }}`"),
    (&["newline_to_br", "nl2br", "linebreaks", "linebreaksbr"], LINE_BREAKS),
    (
        &["truncatewords", "truncatewords_html"],
        "here it is `{{ text.split()[:20] | join(\" \") }}`",
    ),
    (
        &["url_encode", "urlquote", "cgi_escape", "uri_escape"],
        "here it is `{{ text | urlencode }}`",
    ),
    (&["json", "jsonify", "dump", "json_encode", "to_json"], "here it is `{{ value | tojson }}`"),
    (&["raw", "safeHTML", "html_safe", "mark_safe", "noescape"], "here it is `{{ html | safe }}`"),
    (&["escape_once", "h", "html_escape", "htmlspecialchars"], "here it is `{{ text | escape }}`"),
    (&["relative_url", "asset_url", "asset", "static", "relURL", "relLangURL"], PATH),
    (
        &["group_by", "groupBy", "regroup"],
        "here it is `{% for key, items in list | groupby(\"key\") %}`",
    ),
    (
        &["sort_by", "sortBy", "sort_natural", "order_by"],
        "here it is `{{ list | sort(attribute=\"name\") }}`",
    ),
    (&["where", "where_exp", "filter", "find"], SELECT),
    (&["uniq"], "here it is `{{ list | unique }}`"),
    (&["compact"], "here it is `{{ list | select | list }}`"),
    (
        &["concat", "merge", "union"],
        "here it is `{{ list + more }}`, or `{{ map | chain(more) }}` for maps",
    ),
    (&["keys"], "here it is `{{ map | list }}`"),
    (&["values"], "here it is `{{ map.values() | list }}`"),
    (
        &["default_if_none", "coalesce", "fallback"],
        "here it is `{{ value | default(\"\", true) }}`",
    ),
    (&["floatformat", "number_format"], "here it is `{{ number | round(2) }}`"),
    (&["intcomma", "number_with_delimiter"], "here it is `{{ \"{:,}\".format(number) }}`"),
    (&["ceil"], "here it is `{{ -(-number // 1) }}`"),
    (&["floor"], "here it is `{{ number // 1 }}`"),
    (&["at_least"], "here it is `{{ [number, 1] | max }}`"),
    (&["at_most"], "here it is `{{ [number, 1] | min }}`"),
    (&["yesno"], "here it is `{{ \"yes\" if value else \"no\" }}`"),
    (&["cut", "remove"], "here it is `{{ text | replace(\"what\", \"\") }}`"),
    (&["replace_first", "remove_first"], "here it is `{{ text | replace(\"a\", \"b\", 1) }}`"),
    (&["stringformat", "printf", "sprintf"], "here it is `{{ \"%.2f\" | format(number) }}`"),
    (&["slug", "slugify", "anchorize"], "here it is `{{ text | lower | replace(\" \", \"-\") }}`"),
    (&["date_to_string", "date_to_long_string", "format_date", "dateFormat", "strftime"], DATE),
    (&["datetimeformat", "dateformat", "timeformat", "time_tag"], DATE),
    (&["date_to_xmlschema"], "here it is `{{ page.date | rfc3339 }}`"),
    (&["date_to_rfc822"], "here it is `{{ page.date | rfc2822 }}`"),
    (&["number_of_words", "countwords", "word_count"], "here it is `{{ text | wordcount }}`"),
    (&["array_to_sentence_string"], "here it is `{{ list | join(\", \") }}`"),
    (&["push", "unshift"], GROW),
    (&["shuffle", "sample"], "`{{ list | random }}` takes one item at random"),
    (&["repr", "inspect"], "here it is `{{ value | pprint }}`"),
    (&["spaceless"], SPACE),
    (&["t", "trans", "translate", "i18n", "gettext"], NO_TRANSLATIONS),
];

/// For a test that there is not.
pub(crate) const TESTS: &[Row] = &[
    (&["null", "nil"], "here it is `{% if value is none %}`"),
    (&["empty", "blank"], "here it is `{% if not value %}`"),
    (&["same"], "here it is `{% if a is sameas(b) %}`"),
    (&["divisible"], "here it is `{% if number is divisibleby(3) %}`"),
    (&["starts", "startswith"], STARTS),
    (&["ends", "endswith"], ENDS),
    (&["contains", "containing", "matches"], CONTAINS),
    (&["list", "array"], "here it is `{% if value is sequence %}`"),
    (&["dict", "map", "object"], "here it is `{% if value is mapping %}`"),
    (&["str", "text"], "here it is `{% if value is string %}`"),
    (&["bool"], "here it is `{% if value is boolean %}`"),
    (&["callable", "set"], "here it is `{% if value is defined %}`"),
];

/// For a function that there is not.
pub(crate) const FUNCTIONS: &[Row] = &[
    (
        &[
            "url_for",
            "url",
            "path",
            "static",
            "asset",
            "get_url",
            "asset_url",
            "static_url",
            "pathto",
        ],
        PATH,
    ),
    (&["relative_url", "absolute_url", "base_url"], PATH),
    (&["csrf_token", "csrf_field", "csrf_input"], NO_FORMS),
    (&["get_flashed_messages", "get_messages"], NO_SESSION),
    (&["_", "__", "gettext", "ngettext", "pgettext", "trans", "t", "i18n"], NO_TRANSLATIONS),
    (&["len", "count_of", "sizeof"], LENGTH),
    (&["str"], "here it is `{{ value | string }}`"),
    (&["enumerate"], "`{{ loop.index0 }}` counts in a loop from 0, and `{{ loop.index }}` from 1"),
    (&["sorted"], "here it is `{{ list | sort }}`"),
    (&["reversed"], "here it is `{{ list | reverse }}`"),
    (&["type", "isinstance", "typeof"], KIND),
    (&["getattr", "attribute"], "here it is `{{ map[name] }}`"),
    (&["hasattr", "isset"], "here it is `{% if map.name is defined %}`"),
    (&["any"], "here it is `{% if list | select | list %}`"),
    (&["all"], "here it is `{% if not (list | reject | list) %}`"),
    (&["print", "dump", "var_dump", "console"], SHOW_DEBUG),
    (&["include", "partial", "render", "template"], INCLUDE),
    (&["block"], "here it is `{{ self.name() }}`"),
    (&["parent"], "here it is `{{ super() }}`"),
    (&["date", "time", "current_year", "year"], YEAR),
    (&["cycle"], "here it is `{{ loop.cycle(\"odd\", \"even\") }}`"),
    (
        &["caller"],
        "`caller()` is known in a macro that is called by `{% call name() %}` … `{% endcall %}`",
    ),
    (&["randrange", "randint"], "here it is `{{ range(1, 7) | random }}`"),
];

/// For a method that a value has not.
pub(crate) const METHODS: &[Row] = &[
    (&["append", "push", "add"], GROW),
    (&["extend", "concat"], "here it is `{% set list = list + more %}`"),
    (&["insert", "unshift"], "here it is `{% set list = [item] + list %}`"),
    (
        &["pop", "shift", "remove", "discard", "clear"],
        "a list does not change: `{{ list[:-1] }}` is without its last item, and `{{ list[1:] }}` \
         without its first",
    ),
    (
        &["update", "setdefault", "set"],
        "a map does not change: `{% set map = map | chain({\"key\": 1}) %}` makes another",
    ),
    (&["copy", "deepcopy"], "values do not change: leave it out"),
    (&["iteritems", "entries"], "here it is `{% for key, value in map.items() %}`"),
    (&["iterkeys"], "here it is `{{ map.keys() | list }}`"),
    (&["itervalues"], "here it is `{{ map.values() | list }}`"),
    (&["has_key", "hasOwnProperty"], "here it is `{% if key in map %}`"),
    (&["includes", "contains", "match", "__contains__"], CONTAINS),
    (&["index", "indexOf"], "here it is `{{ text.find(\"part\") }}`"),
    (&["toUpperCase"], "here it is `{{ text | upper }}`"),
    (&["toLowerCase", "casefold"], "here it is `{{ text | lower }}`"),
    (&["startsWith"], STARTS),
    (&["endsWith"], ENDS),
    (&["removeprefix", "removesuffix"], "here it is `{{ text | replace(\"what\", \"\") }}`"),
    (&["substring", "substr"], CUT),
    (&["toString"], "here it is `{{ value | string }}`"),
    (&["toFixed"], "here it is `{{ number | round(2) }}`"),
    (&["size"], LENGTH),
    (&["forEach", "each"], EACH),
    (&["filter", "where"], SELECT),
    (&["strftime"], "here it is `{{ value | date(\"%d %B %Y\") }}`"),
    (&["isoformat", "toISOString"], "here it is `{{ value | rfc3339 }}`"),
    (&["zfill", "rjust", "ljust", "center", "padStart", "padEnd"], PADDED),
    (&["encode", "decode"], "text is Unicode everywhere: leave it out"),
    (&["all"], "a list needs no `.all()`: leave it out"),
    (&["get_absolute_url"], "here it is `{{ page.url }}`"),
];

/// For a statement that there is not, and for its end tag.
pub(crate) const STATEMENTS: &[Row] = &[
    (&["unless"], "here it is `{% if not value %}` … `{% endif %}`"),
    (&["elsif", "elseif"], "here it is `{% elif value %}`"),
    (&["case", "when", "switch", "match", "default"], CHOICE),
    (&["assign", "var", "let"], "here it is `{% set name = 1 %}`"),
    (&["capture"], "here it is `{% set name %}` … `{% endset %}`"),
    (&["comment"], "here it is `{# … #}`"),
    (&["render", "partial", "include_relative", "include_cached", "insert"], INCLUDE),
    (&["layout", "inherits"], "here it is `{% extends \"_layout.html\" %}`"),
    (
        &["embed"],
        "here it is `{% extends \"_part.html\" %}` in a file of its own, and `{% include \"_part.html\" %}`",
    ),
    (
        &["trans", "blocktrans", "translate", "blocktranslate", "plural", "language"],
        NO_TRANSLATIONS,
    ),
    (&["url", "static", "get_static_prefix", "get_media_prefix", "link", "post_url"], PATH),
    (&["load", "use"], "filters need no loading: leave it out"),
    (&["csrf_token"], NO_FORMS),
    (&["now"], YEAR),
    (&["spaceless"], SPACE),
    (&["verbatim"], "here it is `{% raw %}` … `{% endraw %}`"),
    (&["cycle"], "here it is `{{ loop.cycle(\"odd\", \"even\") }}`"),
    (&["ifequal"], "here it is `{% if a == b %}` … `{% endif %}`"),
    (&["ifnotequal"], "here it is `{% if a != b %}` … `{% endif %}`"),
    (&["empty"], "here it is `{% else %}`, before the `{% endfor %}`"),
    (&["ifchanged"], "here it is `{% if loop.changed(value) %}` … `{% endif %}`"),
    (&["widthratio"], ARITHMETIC),
    (&["asyncEach", "asyncAll", "each", "foreach"], EACH),
    (&["while"], "here it is `{% for n in range(10) %}` … `{% endfor %}`"),
    (&["def", "function", "shortcode"], "here it is `{% macro name(a) %}` … `{% endmacro %}`"),
    (&["apply"], "here it is `{% filter upper %}` … `{% endfilter %}`"),
    (&["section", "yield", "slot"], BLOCK),
    (&["assets", "stylesheet", "javascript", "style", "schema", "highlight"], ELEMENT),
    (
        &["increment", "decrement"],
        "here it is `{% set n = n + 1 %}`, in a loop as a part of a `namespace`",
    ),
    (&["tablerow"], "here it is `{% for row in list | batch(3) %}` … `{% endfor %}`"),
    (&["echo", "print"], "here it is `{{ value }}`"),
    (&["pluralize"], "here it is `{{ number | pluralize }}`"),
    (&["debug", "dump"], SHOW_DEBUG),
    (&["lorem"], "here it is `{{ lipsum(2) }}`"),
    (&["firstof"], "here it is `{{ a or b }}`"),
    (&["regroup"], "here it is `{% for key, items in list | groupby(\"key\") %}`"),
    (&["paginate"], "here it is `{% for part in list | batch(10) %}`"),
    (&["end"], "each statement has its own end: `{% endif %}`, `{% endfor %}`, `{% endblock %}`"),
];

/// For a name that is not defined.
pub(crate) const NAMES: &[Row] = &[
    (&["forloop"], "here it is `loop`: `{{ loop.index }}`, `{{ loop.first }}`, `{{ loop.last }}`"),
    (&["block", "parent"], "here it is `{{ super() }}`"),
    (&["null", "nil", "undefined", "NULL"], "here it is `none`"),
    (&["config", "settings"], "`site` holds the values of `[site]` in the configuration"),
    (
        &["session", "g", "user", "current_user", "messages", "request.user", "request.session"],
        NO_SESSION,
    ),
    (&["csrf_token", "form", "request.form", "request.POST", "request.FILES"], NO_FORMS),
    (&["request.args", "request.GET", "request.params"], "here it is `{{ request.query }}`"),
    (&["request.COOKIES"], "here it is `{{ request.cookies }}`"),
    (&["request.META"], "here it is `{{ request.headers }}`"),
    (&["request.url", "request.full_path", "request.uri"], "here it is `{{ request.target }}`"),
    (&["site.time", "today", "build_date"], YEAR),
    (&["content"], "a layout shows its page by `{% block content %}{% endblock %}`"),
    (&["end"], "each statement has its own end: `{% endif %}`, `{% endfor %}`, `{% endblock %}`"),
    (&["this"], "names stand here without `this.`"),
    (&["site.data"], "here it is `data`, which holds the files of the folder `_data`"),
    (
        &["site.posts", "site.pages", "site.collections", "collections", "paginator", "pagination"],
        LISTED,
    ),
    (&["site.tags", "site.categories"], TAGGED),
    (&["site.baseurl", "site.BaseURL"], PATH),
    (&["varargs", "kwargs"], ARGUMENTS),
];

/// For what a name that is not defined ends in, and what a filter makes of the rest.
pub(crate) const PARTS: &[(&str, &str)] =
    &[("length", "length"), ("size", "length"), ("first", "first"), ("last", "last")];

/// For what is no code here, in a tag that the engine cannot read.
pub(crate) const SIGNS: &[(&str, &str)] = &[
    (" contains ", CONTAINS),
    (" starts with ", STARTS),
    (" ends with ", ENDS),
    ("??", "here it is `{{ a or b }}`"),
    ("?:", "here it is `{{ a or b }}`"),
    ("?.", "here it is `{{ a.b if a else \"\" }}`"),
    (" ? ", "here it is `{{ b if a else c }}`"),
    ("===", "here it is `{% if a == b %}`"),
    ("!==", "here it is `{% if a != b %}`"),
    ("&&", "here it is `{% if a and b %}`"),
    ("||", "here it is `{% if a or b %}`"),
    ("+=", "here it is `{% set n = n + 1 %}`"),
    ("++", "here it is `{% set n = n + 1 %}`"),
    ("..", RANGE),
    (", *", ARGUMENTS),
    ("(*", ARGUMENTS),
    ("<>", "here it is `{% if a != b %}`"),
    (" reversed", "here it is `{% for item in list | reverse %}`"),
    ("lambda", "here it is `{{ list | map(attribute=\"name\") }}`"),
    ("else if", "here it is `{% elif value %}`"),
    (" limit:", "here it is `{% for item in list[:3] %}`"),
    (" for ", "here it is `{{ list | map(attribute=\"name\") }}`, or `{{ list | select | list }}`"),
    (" of ", EACH),
];

/// The help for `name`, if it is one of another language.
pub(crate) fn help(rows: &[Row], name: &str) -> Option<&'static str> {
    rows.iter().find(|(names, _)| names.contains(&name)).map(|(_, help)| *help)
}
