// Saved questions, dashboards and lists, as several screens ask for them.

import { useAsked } from "../ui/asked";
import { api, held, type Schemas, stored, whole } from "./client";
import { basedOn } from "./tags";

export type Question = Schemas["QuestionDocument"];
export type Dashboard = Schemas["DashboardDocument"];
export type List = Schemas["ListDocument"];

export const QUESTIONS = "questions";
export const DASHBOARDS = "dashboards";
export const LISTS = "lists";

export const useQuestions = () => useAsked([QUESTIONS], async (signal) => (await held(api.GET("/api/saved-questions", { signal }))).result);
export const useDashboards = () => useAsked([DASHBOARDS], async (signal) => (await held(api.GET("/api/dashboards", { signal }))).result);
export const useLists = () => useAsked([LISTS], async (signal) => (await held(api.GET("/api/lists", { signal }))).result);

export const readQuestion = (id: string, signal?: AbortSignal) => whole(api.GET("/api/saved-questions/{id}", { params: { path: { id } }, ...(signal ? { signal } : {}) }));
export const readDashboard = (id: string, signal?: AbortSignal) => whole(api.GET("/api/dashboards/{id}", { params: { path: { id } }, ...(signal ? { signal } : {}) }));

export const putQuestion = (body: Schemas["QuestionPosted"], tag?: string) => stored(api.POST("/api/saved-questions", { body, headers: basedOn(tag) }));

export const putDashboard = async (body: Schemas["DashboardPosted"], tag?: string): Promise<string> =>
  (await stored(api.POST("/api/dashboards", { body, headers: basedOn(tag) }))).id;

/** What is posted to change a dashboard. */
export const posted = ({ id, name, note, tiles, range, where, refresh_seconds }: Dashboard): Schemas["DashboardPosted"] => ({ id, name, note, tiles, range, where, refresh_seconds });

/** Puts a question at the end of a dashboard, whatever else is on it by now. */
export async function addTile(dashboard: string, question: string): Promise<string> {
  const { document, tag } = await readDashboard(dashboard);
  return putDashboard({ ...posted(document), tiles: [...document.tiles, { question, width: 2, height: 1 }] }, tag);
}

/** Puts people on a list, as many at a time as may be; how many are new on it. */
export async function addPeople(list: string, people: readonly string[]): Promise<number> {
  let added = 0;
  for (let from = 0; from < people.length; from += PEOPLE_AT_ONCE) {
    const profiles = people.slice(from, from + PEOPLE_AT_ONCE);
    added += (await held(api.POST("/api/lists/{id}/members", { params: { path: { id: list } }, body: { profiles } }))).added;
  }
  return added;
}

const PEOPLE_AT_ONCE = 10_000;
