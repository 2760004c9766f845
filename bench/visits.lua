-- wrk asks for the paths in VISITS in turn: a line each, with a header line behind a tab.
local requests = {}
local number = 0

function init()
  for line in os.getenv("VISITS"):gmatch("[^\n]+") do
    local path, name, value = line:match("^(.-)\t(.-): (.*)$")
    local headers = name and { [name] = value }
    table.insert(requests, wrk.format("GET", path or line:match("^[^\t]+"), headers))
  end
end

function request()
  number = number % #requests + 1
  return requests[number]
end
