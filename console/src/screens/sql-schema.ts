// The tables that a question may ask, as docs/api.md describes them.

const words = (text: string) => text.trim().split(/\s+/);

export const SCHEMA: Record<string, string[]> = {
  events: words(`id type name time received_at source_id session_id profile_id channel ip device_type device_brand device_model os_name os_version
    app_name app_version app_language country city utm_source utm_medium utm_campaign utm_term utm_content page_url page_path page_title
    referrer_host journey tags valid warnings properties traits data context request config debug position client_time referrer_kind referrer_name bot`),
  profiles: words(`id ids primary_id email created updated visits last_visit previous_visit time_zone active segments interests consents traits data stats`),
  sessions: words(`id profile_id source_id created updated duration events status channel device_type device_brand device_model os_name os_version
    app_name app_version app_language bot utm_source utm_medium utm_campaign utm_term utm_content country city time_zone ip context properties`),
};
