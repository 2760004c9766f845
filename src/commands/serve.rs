//! `server`: serves the folder over HTTP. Puts the parts together by the settings.

use std::{
    error::Error,
    io::{self, Write},
    net::SocketAddr,
    sync::Arc,
    thread,
    time::Duration,
};

use super::{
    settings::{self, Layers},
    site_rules::SiteRules,
};
use crate::{
    access_log::AccessLog,
    app::{self, App},
    background::Background,
    banner::Banner,
    config::{self, Config},
    hosts::Hosts,
    http::{base_path::BasePath, memory::Memory},
    live::{self, Live, LiveOptions, Patching},
    machine,
    qr_code::Screen,
    rules::{HeaderRules, RedirectRules},
    server::{self, Event, EventSender, Options, Port, Server},
    signals::Handlers,
    site::{self, Fallback, Preparation, Settings, Site, SiteOptions, Survey},
};

/// Bytes of the beginning of a body that are kept to be shown: more than any form typed by
/// hand.
const KEPT_BODY_BYTES: usize = 16 << 10;

/// Serves the site until a signal ends the program.
///
/// # Errors
/// Where the folder, the address or the system does not allow it.
pub(super) fn run(
    config: &Config,
    layers: Layers,
    handlers: Handlers,
) -> Result<(), Box<dyn Error>> {
    let (log, events) = AccessLog::start(config.log, config.quiet)?;
    let memory = Memory::new(config.cache_max_bytes.saturating_add(config.response_memory_bytes));
    let rules = SiteRules::read(config);
    let headers = HeaderRules::new(&rules.headers())?;
    let preparation = app::preparation(headers, config.cors, memory);
    let messages = events.clone();
    let print = move |text| messages.send(Event::Message(text));
    let screen = Screen::of(io::stdout(), &layers.environment);
    let settings = settings::followed(config, layers, print);
    let site_options = site_options(config, preparation, Some(Background::start()?));
    let site_options = SiteOptions { settings, ..site_options };
    let site = Arc::new(Site::open(config.root(), site_options)?);
    let listeners = server::bind(&config.host, port(config))?;
    let addresses = listeners.iter().map(|l| l.local_addr()).collect::<io::Result<Vec<_>>>()?;
    let hosts = hosts(config, &addresses);
    let redirects = RedirectRules::new(&rules.redirects())?;
    let options = options(config);
    let (messages, started) = (events.clone(), events.clone());
    for warning in rules.warnings {
        events.send(Event::Message(format!("warning: {warning}")));
    }
    let app = App::new(Arc::clone(&site), hosts, config.production).with_redirects(redirects);
    let app = app.with_cors(config.cors);
    let app = match config.reloads() {
        true => app.with_live(live(config, Arc::clone(&site), events.clone())),
        false => app,
    };
    let app = Arc::new(app);

    let server = Server::start(listeners, app, options, events)?;
    let stopper = server.stopper();
    handlers.serve(move |_| stopper.stop(), move |line| messages.send(Event::Message(line)));

    let config = config.clone();
    // On a separate thread: a slow disk must not keep the program from ending.
    thread::spawn(move || {
        let survey = site.survey();
        started.send(start(&config, &addresses, site.base_path(), &survey, screen));
        let notes = survey.notes.into_iter().chain(site.fallback_warning());
        notes.for_each(|note| started.send(Event::Message(note)));
    });
    server.join();
    log.finish(Duration::from_secs(1));
    Ok(())
}

/// The name to listen on was chosen by the owner, so that it is answered as well.
fn hosts(config: &Config, addresses: &[SocketAddr]) -> Hosts {
    let mut own = vec![config.host.clone()];
    if config.production {
        let ips: Vec<_> = addresses.iter().map(SocketAddr::ip).collect();
        return Hosts::production(&ips, &own, &config.allowed_hosts);
    }
    own.extend(machine::names());
    Hosts::development(&own, &config.allowed_hosts)
}

/// A port that was not chosen moves on where it is taken, in development.
fn port(config: &Config) -> Port {
    match config.is_port_chosen() || config.production {
        true => Port::Exactly(config.port()),
        false => Port::From(config.port()),
    }
}

/// The options of the site that do not depend on who asks.
pub(super) fn site_options(
    config: &Config,
    preparation: Preparation,
    background: Option<Background>,
) -> SiteOptions {
    SiteOptions {
        production: config.production,
        is_static: false,
        drafts: config.drafts || !config.production,
        fallback: match config.fallback_page() {
            Some(page) => Fallback::Page(page),
            None if config.echoes() => Fallback::Echo,
            None => Fallback::NotFound,
        },
        settings: Settings::fixed(settings::of(config)),
        is_plain: !config.templates.enabled,
        public: config.public.clone(),
        seed: None,
        exclude: config.templates.exclude.clone(),
        fuel: config.templates.fuel,
        render_timeout: Duration::from_secs(config.templates.render_timeout_secs),
        types: config.types.clone(),
        cache_max_bytes: config.cache_max_bytes,
        base_path: config.base_path(),
        snippet: config.reloads().then(live::snippet),
        editor: config.editor().map(str::to_owned),
        preparation,
        background,
    }
}

fn live(config: &Config, site: Arc<Site>, events: EventSender) -> Live {
    let print = Arc::new(move |text| events.send(Event::Message(text)));
    let patching = match config.live.patch {
        config::Patch::Auto => Patching::Auto,
        config::Patch::Always => Patching::Always,
        config::Patch::Never => Patching::Never,
    };
    Live::new(site, LiveOptions { watches: config.live.watch, patching, print })
}

fn options(config: &Config) -> Options {
    let max_connections = server::raise_limit(config.max_connections);
    if max_connections < config.max_connections {
        let _ = writeln!(
            io::stderr(),
            "warning: the system allows {max_connections} connections, not {}; raise its limit on \
             open files (`ulimit -n`) or lower `max_connections`",
            config.max_connections
        );
    }
    Options {
        threads: config.threads(),
        stack_bytes: site::RENDER_STACK_BYTES,
        max_connections,
        shutdown_grace: Duration::from_secs(config.shutdown_grace_secs),
        head_timeout: Duration::from_secs(config.head_timeout_secs),
        idle_timeout: Duration::from_secs(config.idle_timeout_secs),
        stall_timeout: Duration::from_secs(config.stall_timeout_secs),
        limits: config.limits(),
        // Only pages for their author show it.
        kept_body_bytes: if config.production { 0 } else { KEPT_BODY_BYTES },
        keeps_heads: config.print_requests,
        is_quiet: config.quiet,
    }
}

/// The text at the start, with the addresses of the site, which is opened in a browser
/// where that is wanted; and the QR code for a phone, where others can reach the site and
/// there is a screen.
fn start(
    config: &Config,
    addresses: &[SocketAddr],
    base_path: &BasePath,
    survey: &Survey,
    screen: Option<Screen>,
) -> Event {
    let banner = Banner {
        addresses,
        wanted_port: config.port(),
        path: if base_path.is_root() { String::new() } else { base_path.with("/") },
        is_localhost: config.is_localhost(),
        root: config.root(),
        pages: survey.pages,
        has_more_pages: !survey.is_all,
        threads: config.threads(),
        machine_addresses: &machine::addresses(),
    };
    let mut text = banner.text();
    if config.open
        && let Err(error) = open::that_detached(banner.url())
    {
        text.push_str(&format!("  Cannot open a browser: {error}\n"));
    }
    let url = banner.network_url();
    let picture = screen.zip(url).and_then(|(screen, url)| screen.qr_code(&url));
    Event::Started { text, picture: picture.unwrap_or_default() }
}
