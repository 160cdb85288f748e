// What a person does on the page, by the names that a screen reader says.

export const heading = (page, text) => page.getByRole("heading", { level: 1, name: text }).waitFor();
export const press = (page, name) => page.getByRole("button", { name, exact: true }).click();

/** From the address to the first question, with a pasted code. */
export async function enter(page, url, code) {
  await page.goto(url);
  await press(page, "Start");
  await heading(page, "Your voting code");
  await page.getByLabel("Paste the code here").fill(code);
  await press(page, "Continue");
}

/** Fills in the questions of a style; `choices` by the contest's title. */
export async function fill(page, choices) {
  for (const [title, choose] of choices) {
    await heading(page, title);
    await choose(page);
    await press(page, "Continue");
  }
  await heading(page, "Is this your vote?");
}

export const one = (name) => (page) => page.getByRole("radio", { name }).check();
export const some = (...names) => async (page) => { for (const name of names) await page.getByRole("checkbox", { name }).check(); };
export const rank = (...names) => async (page) => { for (const name of names) await page.locator(".rest").getByRole("button", { name }).click(); };
export const score = (scores) => async (page) => {
  for (const [name, value] of scores) await page.getByRole("group", { name }).getByRole("radio", { name: String(value), exact: true }).check();
};

/** The tracker on the last step. */
export async function tracker(page) {
  await heading(page, "Your vote is recorded");
  return (await page.locator("output.tracker span").allTextContents()).join("-");
}

/** Codes and numbers in groups that are shown. */
export const numbers = (page) => page.locator("output.tracker").evaluateAll((all) => all.map((each) => [...each.querySelectorAll("span")].map((group) => group.textContent).join("-")));

/** Makes a device the second one: its code. */
export async function listen(page, url) {
  await page.goto(url);
  await press(page, "Check a vote made on another device");
  await heading(page, "Check a vote from this device");
  await page.getByText("Waiting for the other device.").waitFor();
  const [code] = await numbers(page);
  return code;
}
