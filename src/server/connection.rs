//! One connection: from received bytes to a request, from a response to sent bytes.

use std::{
    io::{self, ErrorKind, IoSlice, Read, Write},
    mem,
    net::{IpAddr, Shutdown},
    os::unix::fs::FileExt,
    panic::{AssertUnwindSafe, catch_unwind},
    time::{Instant, SystemTime},
};

use mio::net::TcpStream;

use super::{Event, Exchange, Shared, deadlines::Deadline, input::Input};
use crate::http::{
    Method, StatusCode,
    body::{Body, Source, in_memory},
    date::DateField,
    error::RequestError,
    request::{self, FieldSlots, Request, Version},
    request_body::{BodyLength, BodyReader},
    response::{Persistence, Response},
};

/// Steps (a head read, a piece written …) before another connection has its turn.
const STEPS_A_TURN: usize = 32;
/// Bytes of a file that are read and written at once.
pub(super) const PIECE_BYTES: usize = 64 * 1024;

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";

/// A non-blocking stream whose sending half can be closed by itself.
pub(super) trait Stream: Read + Write {
    /// Ends the sending half.
    fn shut_down_write(&self) -> io::Result<()>;
}

impl Stream for TcpStream {
    fn shut_down_write(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }
}

/// One client's connection. Between requests it holds no buffer.
#[derive(Debug)]
pub(super) struct Connection<S> {
    stream: S,
    peer: IpAddr,
    state: State,
    /// Received and not yet used, from the end of one turn to the next.
    leftover: Vec<u8>,
    /// Whether the client has ended its sending half.
    is_read_closed: bool,
    /// Whether, in this turn, a read may still find something.
    may_read: bool,
    /// Whether, in this turn, a body or a response got on.
    has_progressed: bool,
}

/// `Head -> (Body ->) Response -> Head`, until one ends in `Linger` or the close.
/// A 100 (Continue) is a response on the way to `Body`.
#[derive(Debug)]
enum State {
    /// Waiting for the rest of a head, or, with no byte of it here, idle.
    Head,
    /// Reading a body past; its head of so many bytes is at the front of the input.
    Body { head_len: usize, reader: BodyReader },
    /// Sending.
    Response(Outgoing),
    /// The answer is out and so is the end of the stream; what the client still
    /// sends is dropped, since closing upon it would reset the connection and
    /// could take the answer away (RFC 9112, 9.6).
    Linger,
}

/// A response on its way out.
#[derive(Debug)]
struct Outgoing {
    head: Vec<u8>,
    body: Body,
    /// Bytes of the body to send: none for HEAD.
    body_len: u64,
    /// Bytes of head and body that are out.
    sent: u64,
    then: Then,
    /// For the access log, with the time at which the work on it began.
    exchange: Option<(Box<Exchange>, Instant)>,
}

/// What follows a response.
#[derive(Debug)]
enum Then {
    NextRequest,
    ReadBody { head_len: usize, reader: BodyReader },
    Close,
    Linger,
}

/// What a connection may use of its worker for the length of a turn.
pub(super) struct Turn<'a> {
    pub(super) shared: &'a Shared,
    pub(super) date: &'a DateField,
    pub(super) wall: SystemTime,
    pub(super) is_stopping: bool,
    pub(super) workspace: &'a mut Workspace,
}

/// The buffers that a worker lends to one connection after the other.
#[derive(Debug)]
pub(super) struct Workspace {
    pub(super) input: Input,
    /// The head being written; its memory is used again.
    pub(super) head: Vec<u8>,
    /// A piece of a file.
    pub(super) piece: Vec<u8>,
}

/// What a connection wants after its turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// To be driven again when its stream is ready.
    Wait(Waiting),
    /// To be driven again after others have had their turn: it is still ready.
    Again(Waiting),
    /// To be closed.
    Close,
}

/// How long a connection may go on as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    pub(super) deadline: Deadline,
    /// Whether a body or a response got on: then the deadline begins anew, as it
    /// does where its kind has changed.
    pub(super) has_progressed: bool,
}

/// What one step came to.
enum Step {
    Continue,
    Wait,
    Close,
}

impl<S: Stream> Connection<S> {
    /// A connection that nothing has come from yet.
    pub(super) fn new(stream: S, peer: IpAddr) -> Self {
        Self {
            stream,
            peer,
            state: State::Head,
            leftover: Vec::new(),
            is_read_closed: false,
            may_read: true,
            has_progressed: false,
        }
    }

    /// The stream, to register it.
    pub(super) fn stream_mut(&mut self) -> &mut S {
        &mut self.stream
    }

    /// Notes that the client will send no more than what has arrived.
    pub(super) fn set_read_closed(&mut self) {
        self.is_read_closed = true;
    }

    /// Gets on until the stream would block, or the turn is over.
    pub(super) fn drive(&mut self, turn: &mut Turn<'_>) -> Next {
        turn.workspace.input.load(&mem::take(&mut self.leftover));
        let next = self.advance(turn);
        self.leftover = turn.workspace.input.take_rest();
        next
    }

    /// Answers without having read a request, and closes.
    pub(super) fn refuse(&mut self, turn: &mut Turn<'_>, status: StatusCode, reason: &str) -> Next {
        turn.workspace.input.load(&mem::take(&mut self.leftover));
        self.refuse_input(turn, status, reason);
        let next = self.advance(turn);
        self.leftover = turn.workspace.input.take_rest();
        next
    }

    /// The deadline has ended: a request that is late gets 408, all else closes.
    pub(super) fn expire(&mut self, turn: &mut Turn<'_>, deadline: Deadline) -> Next {
        let is_request_late = matches!(
            (deadline, &self.state),
            (Deadline::Head, State::Head) | (Deadline::Stall, State::Body { .. })
        );
        if is_request_late {
            let error = RequestError::Timeout;
            return self.refuse(turn, error.status(), &error.to_string());
        }
        match self.state {
            State::Response(_) => self.try_once_more(turn),
            _ => Next::Close,
        }
    }

    /// The system says that a socket is writable once much of its buffer is free.
    /// A client that reads slowly but steadily may not get so far in time, though
    /// there is room for some bytes.
    fn try_once_more(&mut self, turn: &mut Turn<'_>) -> Next {
        let next = self.drive(turn);
        match next {
            Next::Wait(Waiting { has_progressed: false, .. }) => Next::Close,
            _ => next,
        }
    }

    /// Accounts for a response that will not be finished.
    pub(super) fn abandon(self, shared: &Shared) {
        if let State::Response(mut outgoing) = self.state {
            outgoing.record(shared);
        }
    }

    fn advance(&mut self, turn: &mut Turn<'_>) -> Next {
        self.may_read = true;
        self.has_progressed = false;
        for _ in 0..STEPS_A_TURN {
            let step = match mem::replace(&mut self.state, State::Head) {
                State::Head => self.read_head(turn),
                State::Body { head_len, reader } => self.read_body(turn, head_len, reader),
                State::Response(outgoing) => self.write_response(turn, outgoing),
                State::Linger => self.linger(turn),
            };
            match step {
                Step::Continue => {}
                Step::Wait => return Next::Wait(self.waiting(turn)),
                Step::Close => return Next::Close,
            }
        }
        Next::Again(self.waiting(turn))
    }

    fn waiting(&self, turn: &Turn<'_>) -> Waiting {
        let deadline = match self.state {
            // An empty line may stand before a request, and begins none.
            State::Head if matches!(turn.workspace.input.bytes(), b"" | b"\r" | b"\r\n") => {
                Deadline::Idle
            }
            State::Head => Deadline::Head,
            State::Body { .. } | State::Response(_) => Deadline::Stall,
            State::Linger => Deadline::Linger,
        };
        Waiting { deadline, has_progressed: self.has_progressed }
    }

    fn read_head(&mut self, turn: &mut Turn<'_>) -> Step {
        let mut slots = FieldSlots::default();
        let input = turn.workspace.input.bytes();
        if input.is_empty() {
            return self.fill(turn);
        }
        let limits = &turn.shared.options.limits;
        match request::parse(input, &mut slots, limits) {
            Ok(None) => self.fill(turn),
            Err(error) => self.refuse_input(turn, error.status(), &error.to_string()),
            Ok(Some((request, head_len))) if request.body == BodyLength::Known(0) => {
                let reply = Reply::to(&request, &input[..head_len], turn, self.peer);
                turn.workspace.input.consume(head_len);
                self.respond(turn, reply)
            }
            Ok(Some((request, head_len))) => {
                match BodyReader::new(request.body, limits.max_body_bytes) {
                    Err(error) => self.refuse_input(turn, error.status(), &error.to_string()),
                    Ok(reader) if request.expects_continue && input.len() == head_len => {
                        self.state = State::Response(Outgoing::interim(head_len, reader));
                        Step::Continue
                    }
                    Ok(reader) => self.read_body(turn, head_len, reader),
                }
            }
        }
    }

    /// Reads the body past and, once it has ended, answers its head.
    fn read_body(&mut self, turn: &mut Turn<'_>, head_len: usize, mut reader: BodyReader) -> Step {
        let input = &mut turn.workspace.input;
        match reader.skip(&input.bytes()[head_len..]) {
            Err(error) => return self.refuse_input(turn, error.status(), &error.to_string()),
            Ok(len) => {
                input.cut(head_len, len);
                self.has_progressed |= len > 0;
            }
        }
        if !reader.is_done() {
            self.state = State::Body { head_len, reader };
            return self.fill(turn);
        }
        let mut slots = FieldSlots::default();
        let head = &turn.workspace.input.bytes()[..head_len];
        match request::parse(head, &mut slots, &turn.shared.options.limits) {
            Ok(Some((request, _))) => {
                let reply = Reply::to(&request, head, turn, self.peer);
                turn.workspace.input.consume(head_len);
                self.respond(turn, reply)
            }
            // It was read before its body was.
            Ok(None) | Err(_) => Step::Close,
        }
    }

    fn fill(&mut self, turn: &mut Turn<'_>) -> Step {
        if !self.may_read {
            return Step::Wait;
        }
        match turn.workspace.input.fill(&mut self.stream) {
            // Whatever was begun was cut off: it is not answered as if it were whole.
            Ok(None) => Step::Close,
            Ok(Some(was_filled)) => {
                // A read that left room has emptied the socket: what comes later
                // raises a new event. The end of the stream may have come before.
                self.may_read = was_filled || self.is_read_closed;
                Step::Continue
            }
            Err(error) => step_after(&error),
        }
    }

    /// Answers what stands in the input, which cannot be gone on with, and ends.
    fn refuse_input(&mut self, turn: &mut Turn<'_>, status: StatusCode, reason: &str) -> Step {
        let reply = Reply::refusal(status, reason, turn, self.peer);
        let input = &mut turn.workspace.input;
        input.consume(input.bytes().len());
        self.respond(turn, reply)
    }

    fn respond(&mut self, turn: &mut Turn<'_>, reply: Reply) -> Step {
        let Reply { response, sends_body, persistence, is_refusal, exchange } = reply;
        let mut head = mem::take(&mut turn.workspace.head);
        head.clear();
        response.write_head(&mut head, turn.date, persistence);
        let then = match persistence {
            Persistence::KeepAlive | Persistence::KeepAliveSaid => Then::NextRequest,
            Persistence::Close if is_refusal || !turn.workspace.input.bytes().is_empty() => {
                Then::Linger
            }
            Persistence::Close => Then::Close,
        };
        let body_len = if sends_body { response.body.len() } else { 0 };
        let body = response.body;
        self.state = State::Response(Outgoing { head, body, body_len, sent: 0, then, exchange });
        Step::Continue
    }

    /// Writes once. A partial write is tried again at the next step, which then
    /// finds that the stream would block.
    fn write_response(&mut self, turn: &mut Turn<'_>, mut outgoing: Outgoing) -> Step {
        match outgoing.write_some(&mut self.stream, &mut turn.workspace.piece) {
            Ok(()) if outgoing.is_sent() => {
                self.has_progressed = true;
                self.finish(turn, outgoing)
            }
            Ok(()) => {
                self.has_progressed = true;
                self.state = State::Response(outgoing);
                Step::Continue
            }
            Err(error) => {
                self.state = State::Response(outgoing);
                step_after(&error)
            }
        }
    }

    fn finish(&mut self, turn: &mut Turn<'_>, mut outgoing: Outgoing) -> Step {
        outgoing.record(turn.shared);
        turn.workspace.head = outgoing.head;
        match outgoing.then {
            Then::NextRequest => self.state = State::Head,
            Then::ReadBody { head_len, reader } => self.state = State::Body { head_len, reader },
            Then::Close => return Step::Close,
            Then::Linger if self.stream.shut_down_write().is_err() => return Step::Close,
            Then::Linger => self.state = State::Linger,
        }
        Step::Continue
    }

    fn linger(&mut self, turn: &mut Turn<'_>) -> Step {
        self.state = State::Linger;
        let input = &mut turn.workspace.input;
        input.consume(input.bytes().len());
        self.fill(turn)
    }
}

/// Whether an error of the stream is only a wait.
fn step_after(error: &io::Error) -> Step {
    match error.kind() {
        ErrorKind::WouldBlock => Step::Wait,
        ErrorKind::Interrupted => Step::Continue,
        _ => Step::Close,
    }
}

impl Outgoing {
    fn interim(head_len: usize, reader: BodyReader) -> Self {
        let then = Then::ReadBody { head_len, reader };
        Self {
            head: CONTINUE.to_vec(),
            body: Body::empty(),
            body_len: 0,
            sent: 0,
            then,
            exchange: None,
        }
    }

    fn is_sent(&self) -> bool {
        self.sent == self.head.len() as u64 + self.body_len
    }

    fn body_sent(&self) -> u64 {
        self.sent.saturating_sub(self.head.len() as u64)
    }

    /// One write, of the head and as much of the body as goes with it.
    fn write_some(&mut self, stream: &mut impl Write, piece: &mut Vec<u8>) -> io::Result<()> {
        let head_sent =
            usize::try_from(self.sent).map_or(self.head.len(), |n| n.min(self.head.len()));
        let head = &self.head[head_sent..];
        let part = match self.body_len {
            0 => None,
            _ => self.body.at(self.body_sent()),
        };
        let len = match part {
            None => stream.write(head)?,
            Some((Source::Bytes(bytes), range)) => {
                let body = bytes.get(in_memory(range)).unwrap_or_default();
                stream.write_vectored(&[IoSlice::new(head), IoSlice::new(body)])?
            }
            Some((Source::File(file), range)) => {
                piece.clear();
                piece.extend_from_slice(head);
                read_piece(piece, range.end - range.start, |buf| file.read_at(buf, range.start))?;
                stream.write(piece)?
            }
        };
        if len == 0 {
            return Err(ErrorKind::WriteZero.into());
        }
        self.sent += len as u64;
        Ok(())
    }

    /// Hands the exchange to the access log, as far as it came.
    fn record(&mut self, shared: &Shared) {
        if let Some((mut exchange, began)) = self.exchange.take() {
            exchange.body_bytes = self.body_sent();
            exchange.duration = began.elapsed();
            shared.events.send(Event::Exchange(exchange));
        }
    }
}

/// Appends up to a piece of the `left` bytes that `read` gives.
///
/// # Errors
/// `UnexpectedEof` where the file has become shorter than what was promised.
fn read_piece(
    piece: &mut Vec<u8>,
    left: u64,
    read: impl FnOnce(&mut [u8]) -> io::Result<usize>,
) -> io::Result<()> {
    let start = piece.len();
    let wanted = usize::try_from(left).map_or(PIECE_BYTES, |left| left.min(PIECE_BYTES));
    piece.resize(start + wanted, 0);
    let len = read(&mut piece[start..])?;
    piece.truncate(start + len);
    if len == 0 { Err(ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// A response with all that decides how it is sent.
struct Reply {
    response: Response,
    sends_body: bool,
    persistence: Persistence,
    is_refusal: bool,
    exchange: Option<(Box<Exchange>, Instant)>,
}

impl Reply {
    /// The handler's answer. A panic in it is answered too, and stays here.
    fn to(request: &Request<'_>, head: &[u8], turn: &Turn<'_>, peer: IpAddr) -> Self {
        let began = Instant::now();
        let handler = &*turn.shared.handler;
        let response = catch_unwind(AssertUnwindSafe(|| handler.handle(request, turn.wall)))
            .unwrap_or_else(|_| {
                handler.refuse(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "the server failed in handling this request",
                )
            });
        let persistence = match request.version {
            _ if !request.allows_keep_alive || turn.is_stopping => Persistence::Close,
            Version::Http10 => Persistence::KeepAliveSaid,
            Version::Http11 => Persistence::KeepAlive,
        };
        let exchange = turn.shared.records(&response).then(|| {
            let text =
                |name| request.headers.get(name).map(|value| String::from_utf8_lossy(value).into());
            let mut exchange = turn.exchange(&response, head, peer);
            exchange.referer = text("referer");
            exchange.user_agent = text("user-agent");
            (Box::new(exchange), began)
        });
        let sends_body = request.method != Method::HEAD;
        Self { response, sends_body, persistence, is_refusal: false, exchange }
    }

    /// The answer to what is no request, after which the connection ends.
    fn refusal(status: StatusCode, reason: &str, turn: &Turn<'_>, peer: IpAddr) -> Self {
        let began = Instant::now();
        let input = turn.workspace.input.bytes();
        let mut response = turn.shared.handler.refuse(status, reason);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.set("Retry-After", "1");
        }
        let exchange = turn
            .shared
            .records(&response)
            .then(|| (Box::new(turn.exchange(&response, input, peer)), began));
        // Even a broken HEAD must not get a body (RFC 9110, 9.3.2).
        let sends_body = !input.trim_ascii_start().starts_with(b"HEAD ");
        Self { response, sends_body, persistence: Persistence::Close, is_refusal: true, exchange }
    }
}

impl Turn<'_> {
    fn exchange(&self, response: &Response, head: &[u8], peer: IpAddr) -> Exchange {
        let line = head.trim_ascii_start().split(|&byte| matches!(byte, b'\r' | b'\n')).next();
        Exchange {
            peer,
            received: self.wall,
            duration: Default::default(),
            request_line: String::from_utf8_lossy(line.unwrap_or_default()).into(),
            head: self.shared.options.keeps_heads.then(|| head.to_vec()),
            referer: None,
            user_agent: None,
            status: response.status.as_u16(),
            body_bytes: 0,
            note: response.note.clone(),
        }
    }
}

#[cfg(test)]
mod tests;
