// The browser's own storage. Where it is blocked or full, the page works as usual and nothing is stored.
window.lenetStorage = {
  works: true,
  read(name) {
    try {
      return JSON.parse(localStorage.getItem(`lenet-${name}`));
    } catch {
      return null;
    }
  },
  // Whether the value is kept.
  write(name, value) {
    try {
      localStorage.setItem(`lenet-${name}`, JSON.stringify(value));
      return true;
    } catch {
      return false;
    }
  },
};
lenetStorage.works = lenetStorage.write("works", 1);
