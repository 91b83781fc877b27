// The browser's storage. If it is blocked or full, the page works as usual and nothing is stored.
window.lenetStorage = {
  works: true,
  read(name) {
    try {
      return JSON.parse(localStorage.getItem(`lenet-${name}`));
    } catch {
      return null;
    }
  },
  // Returns whether the value was stored.
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
