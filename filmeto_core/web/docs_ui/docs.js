// Shows the server's own OpenAPI document; everything comes from this origin.

// Browsers keep the session's token for the page at /ui/; what changes anything has to carry it.
async function csrfToken() {
  const answer = await fetch("api/v1/session");
  return answer.ok ? (await answer.json()).csrf : undefined;
}

async function withToken(request) {
  const safe = ["GET", "HEAD", "OPTIONS"].includes((request.method || "GET").toUpperCase());
  if (!safe && !request.headers.Authorization) {
    const token = await csrfToken();
    if (token) request.headers["X-CSRF-Token"] = token;
  }
  return request;
}

SwaggerUIBundle({
  url: "openapi.json",
  domNode: document.getElementById("docs"),
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  validatorUrl: null,
  requestInterceptor: withToken,
});
