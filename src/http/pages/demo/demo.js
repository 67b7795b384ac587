// The shop's own code: it uses the script as any page would, and shows what went out and came back.

const PRODUCTS = [
  { id: "darjeeling", name: "Darjeeling", price: 9.5 },
  { id: "sencha", name: "Sencha", price: 11 },
  { id: "rooibos", name: "Rooibos", price: 6.25 },
];
const LOG_MAX = 50;

const at = (id) => document.getElementById(id);
const cart = [];

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function button(text, act) {
  const made = element("button", text);
  made.type = "button";
  made.addEventListener("click", act);
  return made;
}

function showProducts() {
  for (const product of PRODUCTS) {
    const line = element("li", "");
    line.append(element("strong", `${product.name}, ${product.price.toFixed(2)}`));
    line.append(button("View", () => kith.track("product-details-page-view", product)));
    line.append(button("Add to cart", () => put(product)));
    at("products").append(line);
  }
}

function put(product) {
  cart.push(product);
  kith.track("product-added-to-basket", { ...product, quantity: 1 });
  showCart();
}

/** Not `crypto.randomUUID`, which a page without https does not have. */
function orderId() {
  return Array.from(crypto.getRandomValues(new Uint32Array(2)), (part) => part.toString(36)).join("");
}

function order() {
  const total = cart.reduce((sum, product) => sum + product.price, 0);
  kith.track("order-completed", { id: orderId(), total, items: cart.splice(0) });
  showCart();
}

function showCart() {
  const names = cart.map((product) => product.name).join(", ");
  at("cart").textContent = names ? `In the cart: ${names}.` : "The cart is empty.";
  at("order").disabled = cart.length === 0;
}

function say(place, text) {
  at(place).textContent = text;
  at(place).hidden = false;
}

// Another id says that somebody of this address was here before. Whose it is it does not say, unless the
// source is believed: it may be one that only collects for them.
async function identify() {
  const before = kith.ids().profile;
  const email = at("email").value;
  await kith.identify({ email, firstname: at("firstname").value || undefined });
  const { profile } = kith.ids();
  if (!profile || !before) return;
  say(
    "recognised",
    profile === before
      ? `Kith has heard that this visitor is ${email}.`
      : `Recognised: ${email} was here before. What happens in this visit from now on is theirs.`,
  );
}

// Of messages, not of what this page sends: that goes on.
function consent() {
  const consents = { newsletter: at("newsletter").checked, profiling: at("profiling").checked };
  kith.track("consent-update", { consents });
  const word = (given) => (given ? "yes" : "no");
  const { newsletter, profiling } = consents;
  say("saved", `Saved. Newsletter: ${word(newsletter)}; recommendations: ${word(profiling)}.`);
}

function showIds() {
  const { profile, session } = kith.ids();
  at("profile").textContent = profile || "none yet";
  at("session").textContent = session || "none yet";
}

function showAnswer(answer, payload) {
  const entry = element("li", "");
  const details = element("details", "");
  details.append(element("summary", payload.events.map((event) => event.type).join(", ")));
  details.append(element("div", "sent"), element("pre", JSON.stringify(payload, null, 2)));
  details.append(element("div", "answered"), element("pre", JSON.stringify(answer, null, 2)));
  entry.append(details);
  at("log").prepend(entry);
  while (at("log").children.length > LOG_MAX) at("log").lastElementChild.remove();
  showIds();
}

function snippet(source) {
  return `<script src="${location.origin}/tracker/kith.js"></script>
<script>
  kith.init({ url: "${location.origin}", source: "${source}" });
  kith.track("page-view");
</script>`;
}

function listen() {
  at("order").addEventListener("click", order);
  at("identify").addEventListener("submit", (event) => {
    event.preventDefault();
    identify();
  });
  at("consent").addEventListener("submit", (event) => {
    event.preventDefault();
    consent();
  });
}

async function begin() {
  showProducts();
  const { source } = await (await fetch("/demo/config.json")).json();
  if (!source) {
    at("problem").textContent = "There is no event source that any page may use: kith source add \"My shop\"";
    at("problem").hidden = false;
    return;
  }
  at("source").textContent = source;
  at("snippet").textContent = snippet(source);
  kith.init({ url: location.origin, source, onAnswer: showAnswer, onInit: showIds });
  kith.track("page-view");
  listen();
}

begin();
