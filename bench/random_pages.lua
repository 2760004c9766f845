-- Asks for pages at random, out of as many as PAGES says. The requests are written
-- before the first one is sent, since wrk shares the processors with the server.

local requests = {}

function init()
    math.randomseed(os.time())
    for page = 0, tonumber(os.getenv("PAGES")) - 1 do
        local path = ("/%04d/%02d.html"):format(math.floor(page / 100), page % 100)
        requests[page + 1] = wrk.format("GET", path)
    end
end

function request()
    return requests[math.random(#requests)]
end
