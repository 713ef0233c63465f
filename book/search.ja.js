// Search in the Japanese book. mdBook's index cuts texts at spaces and drops what is not Latin, so it finds no Japanese. Here each
// word of the question is looked for as it stands; titles count more, and all words have to be there.
(() => {
  const AROUND = 60;
  const load = elasticlunr.Index.load;
  elasticlunr.Index.load = json => {
    const index = load.call(elasticlunr.Index, json);
    const documents = Object.entries(index.documentStore.docs).map(([ref, doc]) => ({
      ref, doc, title: `${doc.title} ${doc.breadcrumbs}`.toLowerCase(), body: doc.body.toLowerCase(),
    }));
    index.search = question => {
      const words = question.toLowerCase().normalize("NFKC").split(/\s+/).filter(word => word);
      if (!words.length) return [];
      const found = [];
      for (const { ref, doc, title, body } of documents) {
        const times = words.map(word => 10 * (title.split(word).length - 1) + Math.min(body.split(word).length - 1, 5));
        if (times.some(count => !count)) continue;
        // What is shown below the title: the text around the first word that is there.
        const at = Math.max(0, ...words.map(word => body.indexOf(word)));
        const start = Math.max(0, at - AROUND);
        const part = (start ? "…" : "") + doc.body.slice(start, at + 2 * AROUND);
        found.push({ ref, score: times.reduce((sum, count) => sum + count, 0), doc: { ...doc, body: part } });
      }
      return found.sort((one, other) => other.score - one.score);
    };
    return index;
  };
})();
