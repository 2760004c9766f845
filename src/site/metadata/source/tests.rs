//! Titles and descriptions, by the sources that state them.

use super::*;

fn titles(source: &str) -> (Option<String>, Option<String>) {
    let stated = read(source, true);
    (stated.title, stated.description)
}

#[test]
fn a_title_comes_of_the_first_place_that_states_one() {
    for (source, title) in [
        ("<!doctype html><title>About us</title><h1>Hello</h1>", "About us"),
        ("<TITLE lang=en>\n  About\n  us </TITLE>", "About us"),
        (
            "<title>Tom &amp; Jerry &lt;3 &#8211; &eacute;&nbsp;x</title>",
            "Tom & Jerry <3 – é\u{a0}x",
        ),
        ("<title>a <b> c</title>", "a <b> c"),
        ("<title></title><h1>Hello</h1>", "Hello"),
        ("<title> </title><h1>Hello</h1>", "Hello"),
        ("<title>First</title><title>Second</title>", "First"),
        ("<body><title>Late</title>", "Late"),
        ("<h1>Hello <em>you</em>,<br>there</h1>", "Hello you, there"),
        ("<h1 class='a > b'><a href=\"/\">Home</a></h1>", "Home"),
        ("<h1><img src=logo.svg alt='Acme &amp; Co'></h1>", "Acme & Co"),
        ("<h1><img src=logo.svg></h1><h1>Second</h1>", "Second"),
        ("<h2>Not this</h2><h1>This</h1>", "This"),
        // Blocks.
        ("{% extends 'x' %}{% block title %}About{% endblock %}", "About"),
        ("{%- extends 'x' -%}{%- block title -%} A &amp; <i>B</i> {%- endblock title -%}", "A & B"),
        ("<title>{% block title %}Home{% endblock %} · My site</title>", "Home"),
        ("{% extends 'x' %}{% block title %}{# Todo #}A{% endblock %}", "A"),
        (
            "{% extends 'x' %}{% block title %}{% raw %}{{ x }} & y{% endraw %}{% endblock %}",
            "{{ x }} & y",
        ),
        ("{% extends 'x' %}{% block title %}A {% block b %}B{% endblock %}{% endblock %}", "A B"),
        ("{% extends 'x' %}{% block main %}<h1>Hello</h1>{% endblock %}", "Hello"),
        ("{% extends 'x' %}{% block t %}<title>In a block</title>{% endblock %}", "In a block"),
        (
            "{% extends 'x' %}{% block main %}<h1>H</h1>{% endblock %}{% block title %}T{% endblock %}",
            "T",
        ),
        // A variable in it: the next place, and no render.
        (
            "{% extends 'x' %}{% block title %}{{ site.title }}{% endblock %}{% block main %}<h1>Hello</h1>{% endblock %}",
            "Hello",
        ),
        (
            "{% extends 'x' %}{% block title %}A · {{ super() }}{% endblock %}{% block main %}<h1>Hello</h1>{% endblock %}",
            "Hello",
        ),
        ("<title>{{ x }}</title><h1>Hello</h1>", "Hello"),
        ("<title>A{% if x %}B{% endif %}</title><h1>Hello</h1>", "Hello"),
        ("<title>{% include '_title.html' %}</title><h1>Hello</h1>", "Hello"),
        ("<title>{% filter upper %}a{% endfilter %}</title><h1>Hello</h1>", "Hello"),
        ("<h1>{{ site.title }}</h1><h1>About</h1>", "About"),
        ("{% if x %}<title>A</title>{% endif %}", "A"),
        // What does not count.
        ("<!-- <title>Old</title> --><title>New</title>", "New"),
        ("{# <title>Old</title> #}<title>New</title>", "New"),
        ("{% raw %}<title>Sample</title>{% endraw %}<title>New</title>", "New"),
        ("{% raw %}{% block title %}Sample{% endblock %}{% endraw %}<title>New</title>", "New"),
        ("<svg><title>Logo</title></svg><title>New</title>", "New"),
        ("<svg><g><title>Logo</title></g></svg><h1>New</h1>", "New"),
        ("<script>'<title>Old</title>'</script><style><title></style><title>New</title>", "New"),
        ("<textarea><title>Old</title></textarea><title>New</title>", "New"),
        ("<template><title>Old</title><h1>Old</h1></template><h1>New</h1>", "New"),
        ("<!-- {% block title %}Old{% endblock %} --><title>New</title>", "New"),
        ("{% extends 'x' %}<!-- {% block title %}Shown{% endblock %} -->", "Shown"),
        (
            "{% extends 'x' %}<title>Nowhere</title>{% block a %}<h1>Hello</h1>{% endblock %}",
            "Hello",
        ),
        ("{% macro card(t) %}<h1>Card</h1>{% endmacro %}<h1>Page</h1>", "Page"),
        ("{% set a %}<h1>Value</h1>{% endset %}{% set b = 1 %}<h1>Page</h1>", "Page"),
        ("{% call card() %}<h1>Called</h1>{% endcall %}<h1>Page</h1>", "Page"),
        ("<title>Never closed <h1>Hello</h1>", ""),
        ("<h1>Never closed", ""),
        ("{% block title %}Never closed", ""),
        ("{{ \"<title>Text</title>\" }}<h1>Page</h1>", "Page"),
        ("<a {% if x %}title=\"<h1>\"{% endif %}><h1>Page</h1>", "Page"),
        ("Plain text.", ""),
        ("", ""),
    ] {
        assert_eq!(titles(source).0.unwrap_or_default(), title, "{source}");
    }
}

#[test]
fn a_description_comes_of_the_meta_element_or_of_its_block() {
    for (source, description) in [
        ("<meta name=description content='A &amp; B'>", "A & B"),
        ("<META content=\"a\n b\" NAME=\"Description\" />", "a b"),
        ("<meta name=description content=''><meta name=description content=x>", "x"),
        ("<meta property=og:description content=x>", ""),
        ("<meta name=description>", ""),
        ("<!-- <meta name=description content=old> --><meta name=description content=new>", "new"),
        ("<meta name=description content=\"{{ site.description }}\">", ""),
        ("<meta name=description content=\"{# a #}b\">", "b"),
        ("<meta name=description content=\"{% block description %}b{% endblock %}\">", "b"),
        ("{% extends 'x' %}{% block description %}b &amp; c{% endblock %}", "b & c"),
        ("{% extends 'x' %}{% block description %}{{ b }}{% endblock %}", ""),
        (
            "{% extends 'x' %}{% block description %}<meta name=description content=b>{% endblock %}",
            "b",
        ),
        ("<title>T</title><meta name=description content=x><body><h1>H</h1>", "x"),
        (
            "{% extends 'x' %}{% block title %}T{% endblock %}{% block head %}<meta \
             name=description content=x>{% endblock %}{% block main %}<p>P{% endblock %}",
            "x",
        ),
    ] {
        assert_eq!(titles(source).1.unwrap_or_default(), description, "{source}");
    }
}

#[test]
fn braces_are_text_where_a_page_is_no_template() {
    let stated = read("<title>{{ x }} {# y #}</title>", false);
    assert_eq!(stated.title.as_deref(), Some("{{ x }} {# y #}"));
}
