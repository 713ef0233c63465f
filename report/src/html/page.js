"use strict";
(() => {
  const root = document.documentElement;
  const $ = (id) => document.getElementById(id);
  const all = (selector, from = document) => Array.from(from.querySelectorAll(selector));
  const words = JSON.parse($("words").textContent);
  const say = (name, values = {}) =>
    words[root.lang][name].replace(/\{(\w+)\}/g, (_, key) => String(values[key] ?? ""));
  const make = (name, text = "") => {
    const element = document.createElement(name);
    element.textContent = text;
    return element;
  };
  const button = (text, click) => {
    const made = make("button", text);
    made.type = "button";
    made.addEventListener("click", click);
    return made;
  };
  const tell = (text) => {
    $("say").textContent = "";
    setTimeout(() => ($("say").textContent = text), 50);
  };

  // The rows in the order of the page, before anything is sorted: the packed rows have the same.
  const rows = all(".rows > details");
  const place = new Map(rows.map((row, at) => [row, at]));
  const first = root.lang;

  // What is packed, unpacked once.
  let unpacking;
  const unpack = () => {
    unpacking ??= (async () => {
      const bytes = Uint8Array.from(atob($("packed").textContent), (c) => c.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
      return JSON.parse(await new Response(stream).text());
    })();
    return unpacking;
  };

  // What a row shows once it is open: evidence, if it is packed, and what one does with it.
  const dressed = new WeakSet();
  const dress = async (row) => {
    if (dressed.has(row)) return;
    dressed.add(row);
    if (!row.querySelector("dl")) {
      try {
        const [, command, ...facts] = (await unpack()).rows[place.get(row)];
        if (command) row.append(make("pre", command));
        const list = make("dl");
        for (let at = 0; at < facts.length; at += 2) list.append(make("dt", facts[at]), make("dd", facts[at + 1]));
        if (facts.length) row.append(list);
      } catch {
        dressed.delete(row);
      }
    }
    const tools = make("div");
    tools.className = "tools";
    const command = row.querySelector("pre");
    if (command) {
      const copyCommand = button(say("copy"), () => copy(command.textContent, copyCommand));
      copyCommand.dataset.say = "copy";
      tools.append(copyCommand);
    }
    const copyLink = button(say("link"), () => {
      history.replaceState(null, "", "#" + encodeURIComponent(row.id));
      copy(location.href, copyLink);
    });
    copyLink.dataset.say = "link";
    const id = make("span");
    const label = make("span", say("id"));
    label.dataset.say = "id";
    id.append(label, " ", make("code", row.id));
    tools.append(copyLink, id);
    row.append(tools);
  };
  const copy = async (text, from) => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = make("textarea", text);
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
      from.focus();
    }
    from.textContent = say("copied");
    tell(say("copied"));
    setTimeout(() => (from.textContent = say(from.dataset.say)), 1500);
  };
  document.addEventListener(
    "toggle",
    (event) => {
      if (event.target.open && place.has(event.target)) dress(event.target);
    },
    true,
  );
  rows.filter((row) => row.open).forEach(dress);

  for (const policy of all("pre.policy")) {
    const tools = make("div");
    tools.className = "tools";
    const copyPolicy = button(say("policy"), () => copy(policy.textContent, copyPolicy));
    copyPolicy.dataset.say = "policy";
    tools.append(copyPolicy);
    policy.after(tools);
  }

  // A link to a finding opens all around it.
  const show = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    const target = id && ($(id) ?? rows.find((row) => id.length > 7 && row.id.startsWith(id)));
    all(".at").forEach((row) => row.classList.remove("at"));
    if (!target) return;
    if (target.closest("[data-out]") || target.hidden) reset();
    for (let at = target; at; at = at.parentElement) if (at.localName === "details") at.open = true;
    if (place.has(target)) target.classList.add("at");
    target.scrollIntoView({ block: "start" });
  };
  addEventListener("hashchange", show);
  // A link to where one is already changes nothing in the address.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href^='#']");
    if (link && link.getAttribute("href") === location.hash) show();
  });

  // Filter and sort.
  const groups = all(".g").map((group, at) => {
    const section = group.closest("[data-status]");
    return {
      group,
      at,
      section,
      parent: group.parentElement,
      status: section.dataset.status,
      severity: ["critical", "high", "medium", "low", "info"].find((name) => group.classList.contains(name)),
      service: group.dataset.v,
      check: group.querySelector(".do code").textContent,
      rows: all(".rows > details", group),
      count: group.querySelector("summary .c"),
    };
  });
  const field = (id) => $(id)?.value ?? "";
  const lower = (element) => element.textContent.toLowerCase();
  const opened = new Set();
  const open = (details) => {
    if (!details.open) {
      details.open = true;
      opened.add(details);
    }
  };
  const apply = () => {
    const query = field("q").trim().toLowerCase();
    const wanted = query.split(/\s+/).filter(Boolean);
    const [severity, service, status, state] = ["severity", "service", "status", "state"].map(field);
    let left = 0;
    for (const of of groups) {
      const fits =
        (!severity || severity === of.severity) &&
        (!service || service === of.service) &&
        (!status || status === of.status);
      let shown = 0;
      if (fits) {
        const own = lower(of.group.firstElementChild) + " " + lower(of.group.querySelector(".do"));
        const rest = wanted.filter((word) => !own.includes(word));
        for (const row of of.rows) {
          const text = rest.length ? lower(row) + " " + row.id : "";
          const fresh = !state || (state === "new") === Boolean(row.querySelector("em"));
          row.hidden = !(fresh && rest.every((word) => text.includes(word)));
          if (!row.hidden) shown += 1;
        }
        of.found = rest.length > 0;
      }
      of.group.hidden = shown === 0;
      of.shown = shown;
      left += shown;
      const count = of.rows.length;
      of.count.textContent = shown && shown < count ? `${shown} / ${count}` : of.count.dataset.text ?? of.count.textContent;
    }
    const isFiltered = Boolean(query || severity || service || status || state);
    for (const section of new Set(groups.map((of) => of.section))) {
      const some = groups.some((of) => of.section === section && of.shown);
      section.hidden = isFiltered && section.dataset.status !== "fail" && !some;
    }
    for (const part of all(".s")) {
      part.hidden = !groups.some((of) => of.parent === part && of.shown) || $("flat").hidden === false;
      if (isFiltered && !part.hidden) open(part);
    }
    if (query && left <= 30) groups.filter((of) => of.found && of.shown).forEach((of) => open(of.group));
    if (!isFiltered) {
      opened.forEach((details) => (details.open = false));
      opened.clear();
    }
    $("nothing").hidden = left > 0;
    $("shown").textContent = say("shown", { n: left, total: rows.length });
  };
  const rank = ["critical", "high", "medium", "low", "info"];
  const orders = {
    count: (a, b) => b.rows.length - a.rows.length || a.at - b.at,
    service: (a, b) => a.service.localeCompare(b.service) || a.at - b.at,
    check: (a, b) => a.check.localeCompare(b.check) || rank.indexOf(a.severity) - rank.indexOf(b.severity),
  };
  const sort = () => {
    const order = orders[field("order")];
    const failing = groups.filter((of) => of.status === "fail");
    $("flat").hidden = !order;
    if (order) failing.sort(order).forEach((of) => $("flat").append(of.group));
    else failing.sort((a, b) => a.at - b.at).forEach((of) => of.parent.append(of.group));
    apply();
  };
  const reset = () => {
    $("filter").reset();
    sort();
  };
  let isExpanded = false;
  const label = () => ($("expand").textContent = say(isExpanded ? "collapse" : "expand"));
  if ($("filter")) {
    groups.forEach((of) => (of.count.dataset.text = of.count.textContent));
    let waiting;
    $("q").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(apply, 150);
    });
    $("filter").addEventListener("change", (event) => (event.target.id === "order" ? sort() : apply()));
    $("filter").addEventListener("submit", (event) => event.preventDefault());
    $("clear").addEventListener("click", reset);
    $("expand").addEventListener("click", () => {
      isExpanded = !isExpanded;
      for (const part of all(".s")) part.open = isExpanded || part.matches(".critical, .high");
      for (const { group } of groups) if (!group.hidden) group.open = isExpanded;
      label();
    });
    $("filter").hidden = false;
    apply();
  }

  // Tables whose columns can be sorted.
  for (const table of all(".controls, .services")) {
    const body = table.tBodies[0];
    const lines = Array.from(body.rows);
    const heads = all("thead th", table);
    heads.forEach((head, column) => {
      if (head.matches(".services .pic")) return;
      const value = (line) => line.cells[column].dataset.v ?? line.cells[column].textContent;
      const by = button("", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const sorted = lines.toSorted((a, b) => value(a).localeCompare(value(b), root.lang, { numeric: true }));
        body.append(...(down ? sorted.reverse() : sorted));
      });
      by.textContent = head.textContent;
      if ("t" in head.dataset) by.dataset.t = "";
      delete head.dataset.t;
      // Chromium prints no button in the head that a table has again on its next page.
      const printed = make("span");
      printed.className = "printed";
      head.replaceChildren(by, printed);
    });
  }

  // The other language: every marked text, and the messages of the findings.
  const marked = all("[data-t]");
  let texts;
  const speak = async (lang) => {
    const packed = await unpack();
    texts ??= {
      marked: [marked.map((element) => element.textContent), packed.texts],
      messages: [rows.map((row) => row.firstElementChild.lastChild.data ?? ""), packed.rows.map((row) => row[0])],
    };
    const at = lang === first ? 0 : 1;
    root.lang = lang;
    marked.forEach((element, n) => (element.textContent = texts.marked[at][n]));
    rows.forEach((row, n) => {
      const line = row.firstElementChild;
      if (texts.messages[1][n]) line.lastChild.data = texts.messages[at][n];
      else if (texts.messages[0][n]) line.lang = first;
    });
    groups.forEach((of) => (of.count.dataset.text = of.count.textContent));
    all("[data-say]").forEach((element) => (element.textContent = say(element.dataset.say)));
    $("lang").lang = lang === "en" ? "ja" : "en";
    if ($("filter")) {
      label();
      apply();
    }
  };
  if (typeof DecompressionStream === "function") {
    $("lang").addEventListener("click", () => speak(root.lang === "en" ? "ja" : "en"));
  } else {
    $("lang").hidden = true;
  }

  // Dark or light, and print.
  $("theme").addEventListener("click", () => {
    const isDark = getComputedStyle(root).colorScheme === "dark" ||
      (root.dataset.theme === undefined && matchMedia("(prefers-color-scheme: dark)").matches);
    root.dataset.theme = isDark ? "light" : "dark";
  });
  $("print").addEventListener("click", () => print());
  let printed = [];
  addEventListener("beforeprint", () => {
    printed = all(".s, .g, .fold, .path").filter((details) => !details.open && !details.hidden);
    printed.forEach((details) => (details.open = true));
    all(".printed").forEach((span) => (span.textContent = span.previousSibling.textContent));
  });
  addEventListener("afterprint", () => printed.forEach((details) => (details.open = false)));
  $("tools").hidden = false;
  if (location.hash) show();
})();
