package org.threehalf.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import tools.jackson.databind.JsonNode;

/**
 * The page in a real browser: the machine's own Chromium, by its driver, both from PATH; where they are not there, NOT
 * CHECKED. The browser can look up no name, so that whatever the page would load from elsewhere is missed.
 * {@code -Dthreehalf.screenshots=FOLDER} keeps pictures.
 */
@Timeout(120)
class PageTest {
    private static final String CHAT = "/v1/chat/completions";
    private static @Nullable ChromeDriver started;

    private ChromeDriver browser = browser();

    private static @Nullable Path onPath(String... names) {
        List<String> folders =
                Arrays.asList(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator));
        return Stream.of(names)
                .flatMap(name -> folders.stream().map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
    }

    @BeforeAll
    static void start() {
        Path chromium = onPath("chromium", "chromium-browser", "google-chrome");
        Path driver = onPath("chromedriver");
        if (chromium == null || driver == null) {
            Assumptions.abort(
                    "NOT CHECKED: no chromium or no chromedriver on PATH (Debian: apt-get install chromium chromium-driver)");
            return;
        }
        ChromeOptions options = new ChromeOptions();
        options.setBinary(chromium.toFile());
        options.addArguments(
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
                "--window-size=1200,800",
                "--lang=en");
        // With both executables named, Selenium looks for none and downloads none.
        started = new ChromeDriver(
                new ChromeDriverService.Builder()
                        .usingDriverExecutable(driver.toFile())
                        .usingAnyFreePort()
                        .build(),
                options);
        started.manage().timeouts().scriptTimeout(Duration.ofSeconds(30)).pageLoadTimeout(Duration.ofSeconds(60));
    }

    @AfterAll
    static void stop() {
        if (started != null) {
            started.quit();
        }
    }

    private static ChromeDriver browser() {
        if (started == null) {
            throw new AssertionError("no browser");
        }
        return started;
    }

    @BeforeEach
    void usualWindow() {
        browser = browser();
        scheme("light");
        browser.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    }

    private void scheme(String name) {
        browser.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", name))));
    }

    private void open(TestServer server) throws InterruptedException {
        browser.get(server.uri("/").toString());
        TestServer.await("the page knows its model", () -> !text("model").equals("…"));
    }

    private WebElement element(String id) {
        return browser.findElement(By.id(id));
    }

    private String text(String id) {
        return script("return document.getElementById(arguments[0]).textContent", id);
    }

    private String script(String script, Object... arguments) {
        return String.valueOf(browser.executeScript(script, arguments));
    }

    private String focused() {
        return script("return document.activeElement.id || document.activeElement.parentElement.id");
    }

    private void press(CharSequence... keys) {
        browser.switchTo().activeElement().sendKeys(keys);
    }

    /** The text of the last entry of a kind. */
    private String last(String kind) {
        return script(
                "return [...document.querySelectorAll('#conversation li.' + arguments[0] + ' .text')].at(-1)?.textContent ?? ''",
                kind);
    }

    private long count(String selector) {
        return Long.parseLong(script("return document.querySelectorAll(arguments[0]).length", selector));
    }

    private void set(String id, String value) {
        WebElement element = element(id);
        element.clear();
        element.sendKeys(value);
    }

    private void answered() throws InterruptedException {
        TestServer.await("the answer", () -> element("send").isEnabled() && count("li[aria-busy]") == 0);
    }

    private void keep(String name) throws IOException {
        String folder = System.getProperty("threehalf.screenshots");
        if (folder != null) {
            Files.createDirectories(Path.of(folder));
            Files.write(Path.of(folder, name + ".png"), browser.getScreenshotAs(OutputType.BYTES));
        }
    }

    /**
     * The settings reach the request: the answer is the API's to the same one; with the same seed again, its hash is
     * the same, with another, another.
     */
    @Test
    void answersAreThoseOfTheSettings() throws Exception {
        try (TestServer server = TestServer.start(ServerOptions.local(0), 2, 128, 4)) {
            open(server);
            assertEquals("tiny, backend reference", text("model"));
            JsonNode attestation = TestServer.MAPPER.readTree(
                    server.get("/v1/threehalf/attestation").body());
            assertEquals(attestation.get("system_fingerprint").stringValue(), text("fingerprint"));
            set("system", "Be brief.");
            set("temperature", "1.3");
            set("seed", "5");
            set("top_p", "0.9");
            set("top_k", "30");
            set("max_tokens", "20");
            element("message").sendKeys("Hi", Keys.ENTER);
            answered();
            JsonNode right = server.ok(
                    CHAT,
                    "{\"messages\": [{\"role\": \"system\", \"content\": \"Be brief.\"}, {\"role\": \"user\", \"content\": \"Hi\"}], \"temperature\": 1.3, \"seed\": 5, "
                            + "\"top_p\": 0.9, \"top_k\": 30, \"max_tokens\": 20, \"threehalf\": {\"logits_sha256\": true}}");
            assertEquals("Hi", last("user"));
            assertEquals(
                    right.get("choices").get(0).get("message").get("content").stringValue(), last("assistant"));
            String hash = right.get("threehalf").get("logits_sha256").get(0).stringValue();
            assertEquals(hash, text("hash"));
            String small = script("return document.querySelector('li.assistant .note').textContent");
            assertTrue(small.matches("20 tokens, cut at its limit(, [0-9.]+ tokens/s)?, seed 5"), small);
            // A second message has the first and its answer before it.
            String first = last("assistant");
            element("message").sendKeys("more", Keys.ENTER);
            TestServer.await("the second answer", () -> count("li.assistant .note") == 2);
            JsonNode second = server.ok(
                    CHAT,
                    TestServer.MAPPER.writeValueAsString(Map.of(
                            "messages",
                            List.of(
                                    Map.of("role", "system", "content", "Be brief."),
                                    Map.of("role", "user", "content", "Hi"),
                                    Map.of("role", "assistant", "content", first),
                                    Map.of("role", "user", "content", "more")),
                            "temperature",
                            1.3,
                            "seed",
                            5,
                            "top_p",
                            0.9,
                            "top_k",
                            30,
                            "max_tokens",
                            20)));
            assertEquals(
                    second.get("choices").get(0).get("message").get("content").stringValue(), last("assistant"));
            for (String seed : List.of("5", "6")) {
                element("clear").click();
                assertEquals(0, count("#conversation li"));
                set("seed", seed);
                element("message").sendKeys("Hi", Keys.ENTER);
                TestServer.await("the answer", () -> count("li.assistant .note") == 1);
                assertEquals(seed.equals("5"), text("hash").equals(hash));
            }
            // Without a seed the page draws one, and says it.
            element("clear").click();
            element("seed").clear();
            element("message").sendKeys("Hi", Keys.ENTER);
            TestServer.await("the answer", () -> count("li.assistant .note") == 1);
            small = script("return document.querySelector('li.assistant .note').textContent");
            set("seed", small.substring(small.indexOf("seed ") + 5));
            String drawn = text("hash");
            element("clear").click();
            element("message").sendKeys("Hi", Keys.ENTER);
            TestServer.await("the answer", () -> count("li.assistant .note") == 1);
            assertEquals(drawn, text("hash"));
        }
    }

    /**
     * Text is shown as it comes; the button and Escape end the answer, its slot is free, and the conversation goes on.
     */
    @Test
    void anAnswerIsStreamedAndCanBeStopped() throws Exception {
        try (TestServer server = TestServer.slow(ServerOptions.local(0), 1, 4_000, 4, Duration.ofMillis(20))) {
            open(server);
            set("temperature", "2");
            // One whose answers are long: a seed that the page draws may end one after any token.
            set("seed", "1");
            for (int turn = 1; turn <= 2; turn++) {
                int answers = turn;
                element("message").sendKeys("Hi", Keys.ENTER);
                TestServer.await(
                        "some text",
                        () -> count("li.assistant") == answers
                                && last("assistant").length() > 3);
                assertTrue(element("stop").isEnabled() && !element("send").isEnabled());
                assertEquals(1, server.generator().statistics().running());
                String soFar = last("assistant");
                TestServer.await("more text", () -> last("assistant").length() > soFar.length());
                assertTrue(last("assistant").startsWith(soFar));
                if (turn == 1) {
                    element("stop").click();
                } else {
                    press(Keys.ESCAPE);
                }
                TestServer.await("it says so", () -> text("status").equals("Stopped."));
                TestServer.await(
                        "the slot is free",
                        () -> server.generator().statistics().running() == 0);
                assertTrue(last("assistant").length() > 3, "what was there stays");
                assertEquals("message", focused());
                assertEquals(turn, count("li.assistant .note"));
            }
            // A new conversation while an answer comes: nothing of it is left.
            element("message").sendKeys("Hi", Keys.ENTER);
            TestServer.await(
                    "an answer comes",
                    () -> count("li.assistant[aria-busy]") == 1
                            && element("stop").isEnabled());
            element("clear").click();
            TestServer.await(
                    "the slot is free", () -> server.generator().statistics().running() == 0);
            TestServer.await("the next can be sent", () -> element("send").isEnabled());
            assertEquals(0, count("#conversation li"));
            assertEquals("0", script("return messages.length"));
        }
    }

    /** The keyboard alone: where the focus begins and goes, what Enter and Shift+Enter do. */
    @Test
    void theKeyboardIsEnough() throws Exception {
        try (TestServer server = TestServer.start(ServerOptions.local(0), 1, 128, 4)) {
            open(server);
            assertEquals("message", focused());
            press("one", Keys.chord(Keys.SHIFT, Keys.ENTER), "two");
            assertEquals("one\ntwo", script("return document.getElementById('message').value"));
            assertEquals(0, count("#conversation li"));
            List<String> order = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                press(Keys.TAB);
                order.add(focused());
                assertNotEquals(
                        "none",
                        script("return getComputedStyle(document.activeElement).outlineStyle"),
                        "the focus is seen at " + order.getLast());
            }
            assertEquals(
                    List.of(
                            "send",
                            "settings",
                            "system",
                            "temperature",
                            "seed",
                            "top_p",
                            "top_k",
                            "max_tokens",
                            "key",
                            "served"),
                    order);
            element("message").sendKeys("");
            press(Keys.chord(Keys.SHIFT, Keys.TAB));
            assertEquals("scroll", focused());
            press(Keys.chord(Keys.SHIFT, Keys.TAB));
            assertEquals("clear", focused());
            press(Keys.TAB);
            press(Keys.TAB);
            press(Keys.TAB);
            press(Keys.SPACE);
            answered();
            TestServer.await("it was sent", () -> count("li.assistant .note") == 1);
            assertEquals("one\ntwo", last("user"));
            assertEquals("message", focused());
            press(Keys.ENTER);
            assertEquals(2, count("#conversation li"), "nothing is no message");
        }
    }

    /** Each control has a name, and the roles by which a screen reader tells what comes. */
    @Test
    void aScreenReaderIsTold() throws Exception {
        try (TestServer server = TestServer.start(ServerOptions.local(0), 1, 128, 4)) {
            open(server);
            element("message").sendKeys("Hi", Keys.ENTER);
            TestServer.await("the answer", () -> count("li.assistant .note") == 1);
            @SuppressWarnings("unchecked")
            List<Map<String, Object>> nodes =
                    (List<Map<String, Object>>) browser.executeCdpCommand("Accessibility.getFullAXTree", Map.of())
                            .get("nodes");
            List<String> roles = new ArrayList<>();
            for (Map<String, Object> node : nodes) {
                String role = String.valueOf(value(node.get("role")));
                String name = String.valueOf(value(node.get("name")));
                roles.add(role + ":" + name);
                if (List.of("button", "textbox", "spinbutton", "log", "region", "complementary", "DisclosureTriangle")
                        .contains(role)) {
                    assertFalse(name.isBlank() || name.equals("null"), "a " + role + " without a name");
                }
            }
            assertTrue(
                    roles.containsAll(List.of(
                            "textbox:Message",
                            "button:Send",
                            "button:Stop",
                            "button:New conversation",
                            "spinbutton:Temperature",
                            "spinbutton:Seed",
                            "log:Messages")),
                    roles.toString());
            assertTrue(
                    roles.stream().anyMatch(role -> role.startsWith("status:"))
                            && roles.stream().anyMatch(role -> role.startsWith("main:")),
                    roles.toString());
            assertEquals("en", script("return document.documentElement.lang"));
            assertEquals(
                    "polite",
                    script(
                            "const log = document.getElementById('conversation'); return log.getAttribute('aria-live') ?? (log.getAttribute('role') === 'log' ? 'polite' : 'none')"));
            assertEquals("Done.", text("status"));
        }
    }

    private static @Nullable Object value(@Nullable Object property) {
        return property instanceof Map<?, ?> map ? map.get("value") : null;
    }

    /** The least contrast of a text with what is behind it, and whose (WCAG 2.2, 1.4.3). */
    private static final String CONTRAST = """
            const channels = colour => colour.match(/[0-9.]+/g).map(Number);
            const luminance = rgb => rgb.slice(0, 3).map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4).reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
            const behind = element => {
              for (let e = element; e; e = e.parentElement) {
                const colour = channels(getComputedStyle(e).backgroundColor);
                if (colour.length < 4 || colour[3] === 1) return colour;
              }
              return [255, 255, 255];
            };
            let least = [99, 'nothing'];
            for (const element of document.querySelectorAll('body *')) {
              const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || element.value || element.placeholder;
              if (!own || !element.checkVisibility()) continue;
              const colours = [getComputedStyle(element).color];
              if (element.placeholder) colours.push(getComputedStyle(element, '::placeholder').color);
              for (const colour of colours) {
                const [a, b] = [luminance(channels(colour)), luminance(behind(element))];
                const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
                if (contrast < least[0]) least = [contrast, element.tagName + '#' + element.id + ' ' + element.textContent.slice(0, 30)];
              }
            }
            return least[0].toFixed(2) + ' ' + least[1];
            """;

    private void assertReadable() {
        String least = script(CONTRAST);
        assertTrue(Double.parseDouble(least.substring(0, least.indexOf(' '))) >= 4.5, least);
    }

    /**
     * Light and dark, at rest, with answers and an error, and in a narrow window: texts can be read, and nothing is
     * wider than the window.
     */
    @Test
    void itCanBeReadEverywhere() throws Exception {
        String answer =
                "It is a gas giant with a great red storm, and the largest planet of them all.\\n\\nIts mass is two and a half times that of all others together."
                        .replace("\\n", "\n");
        try (TestServer server = TestServer.saying(ServerOptions.local(0), 512, answer)) {
            open(server);
            assertReadable();
            keep("empty-light");
            element("message").sendKeys("Tell me about Jupiter.", Keys.ENTER);
            TestServer.await("the answer", () -> count("li.assistant .note") == 1);
            assertEquals(answer, last("assistant"));
            element("message").sendKeys("a".repeat(600), Keys.ENTER);
            TestServer.await("an error", () -> count("li.error") == 1);
            for (String scheme : List.of("light", "dark")) {
                scheme(scheme);
                assertEquals("true", script("return matchMedia('(prefers-color-scheme: " + scheme + ")').matches"));
                assertReadable();
                keep("chat-" + scheme);
            }
            assertNotEquals(
                    "rgb(255, 255, 255)",
                    script("return getComputedStyle(document.body).backgroundColor"),
                    "dark is dark");
            // What is too faint is seen.
            browser.executeScript("document.documentElement.style.setProperty('--quiet', '#555')");
            assertTrue(script(CONTRAST).compareTo("4.5") < 0);
            browser.executeScript("document.documentElement.style.removeProperty('--quiet')");
            for (int width : new int[] {360, 320}) {
                browser.executeCdpCommand(
                        "Emulation.setDeviceMetricsOverride",
                        Map.of("width", width, "height", 640, "deviceScaleFactor", 1, "mobile", false));
                open(server);
                assertEquals("false", script("return document.getElementById('settings').open"));
                element("message").sendKeys("Tell me about Jupiter.", Keys.ENTER);
                TestServer.await("the answer", () -> count("li.assistant .note") == 1);
                element("message").sendKeys("a".repeat(600), Keys.ENTER);
                TestServer.await("an error", () -> count("li.error") == 1);
                assertEquals(
                        String.valueOf(width),
                        script(
                                "return String(Math.max(document.documentElement.scrollWidth, document.body.scrollWidth, innerWidth))"));
                assertReadable();
                assertTrue(
                        Double.parseDouble(script("return document.getElementById('scroll').clientHeight")) > 200,
                        "most of the window is the conversation's");
                keep("narrow-" + width);
                element("settings").findElement(By.tagName("summary")).click();
                assertEquals(String.valueOf(width), script("return String(document.documentElement.scrollWidth)"));
                assertTrue(element("temperature").isDisplayed());
                keep("narrow-settings-" + width);
            }
        }
    }

    /** What people and models write is text, whatever it looks like. */
    @Test
    void textIsText() throws Exception {
        String hostile =
                "<script>window.broken=1</script><img src=x onerror='window.broken=2'><b onclick=alert(1)>a & b</b> &lt;";
        try (TestServer server = TestServer.saying(ServerOptions.local(0), 512, hostile)) {
            open(server);
            element("message").sendKeys(hostile, Keys.ENTER);
            TestServer.await("the answer", () -> count("li.assistant .note") == 1);
            assertEquals(hostile, last("user"));
            assertEquals(hostile, last("assistant"));
            assertEquals(0, count("#conversation script, #conversation img, #conversation b[onclick]"));
            assertEquals("undefined", script("return typeof window.broken"));
        }
    }

    /**
     * What the server refuses is shown, and the message can be sent again; a setting out of its range is not sent; an
     * API key opens the rest.
     */
    @Test
    void errorsAreShown() throws Exception {
        ServerOptions local = ServerOptions.local(0);
        ServerOptions withKey = new ServerOptions(
                local.host(),
                0,
                "secret",
                local.bodyLimit(),
                local.connectionLimit(),
                local.bodyTimeout(),
                local.answerTimeout(),
                local.shutdownLimit());
        try (TestServer server = TestServer.start(withKey, 1, 64, 4)) {
            open(server);
            assertTrue(text("model").contains("API key"));
            element("message").sendKeys("Hi", Keys.ENTER);
            TestServer.await("an error", () -> count("li.error[role=alert]") == 1);
            assertEquals("the API key is missing or wrong", last("error"));
            assertEquals("Hi", script("return document.getElementById('message').value"));
            set("key", "secret");
            element("key").sendKeys(Keys.TAB);
            TestServer.await("the model", () -> text("model").startsWith("tiny"));
            set("temperature", "3");
            element("message").sendKeys(Keys.ENTER);
            assertEquals("temperature", focused(), "not sent");
            set("temperature", "1");
            element("message").sendKeys(Keys.ENTER);
            TestServer.await("the answer", () -> count("li.assistant .note") == 1);
            element("message").sendKeys("word ".repeat(100), Keys.ENTER);
            TestServer.await("another error", () -> count("li.error") == 2);
            assertTrue(last("error").contains("the context of 64"), last("error"));
            assertEquals("2", script("return messages.length"), "what was refused is not of the conversation");
            assertNull(browser.executeScript("return document.querySelector('li[aria-busy]')"));
        }
    }
}
