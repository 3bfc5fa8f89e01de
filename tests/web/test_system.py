"""What there is: the server itself, tools, plugins."""


def test_the_root_names_the_server_and_a_browser_is_led_to_the_page(client):
    assert client.get("/").json()["name"] == "filmeto"
    answer = client.get("/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (307, "/ui/")


def test_health_tells_version_uptime_and_plugins_by_state(client):
    told = client.get("/api/v1/health").json()
    assert told["status"] == "healthy" and told["uptime"] >= 0
    assert sum(told["plugins"].values()) == len(client.get("/api/v1/plugins").json())


def test_tools_and_plugins_are_bare_lists_of_the_seed_designs_fields(client):
    tools = client.get("/api/v1/tools").json()
    assert len(tools) == 7 and {"name", "display_name"} <= set(tools[0])
    plugins = client.get("/api/v1/plugins").json()
    wanted = {"name", "version", "description", "author", "engine", "tool_type", "tools"}
    assert all(wanted <= set(plugin) for plugin in plugins)
    serving = client.get("/api/v1/plugins/by-tool/text2music").json()
    assert serving == [p for p in plugins if "text2music" in p["tools"]]


def test_an_unknown_tool_is_a_problem_that_names_the_right_one(client):
    told = client.get("/api/v1/plugins/by-tool/text2imag").json()
    assert told["status"] == 422 and '"text2image"' in told["message"]


def test_an_unknown_path_is_a_problem(client):
    answer = client.get("/api/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.delete("/api/v1/tools").status_code == 405
