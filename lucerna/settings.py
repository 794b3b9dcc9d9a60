"""The one settings object, read from LUCERNA_ variables and `.env`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ontology.errors import KnowledgeError


class Settings(BaseSettings):
    """What a person may set once instead of at every call."""

    model_config = SettingsConfigDict(
        env_prefix="LUCERNA_",
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
    )

    kb: Path = Field(
        Path("lucerna-kb"), description="Folder of the knowledge base (--kb)."
    )
    database: SecretStr | None = Field(
        None,
        description="SQLAlchemy URL of the patch catalogue, such as "
        "postgresql+psycopg2://user:password@host/name; "
        "not set: catalogue.sqlite in the knowledge base.",
    )
    sparql: str | None = Field(
        None,
        description="Query address of a SPARQL 1.1 server that keeps the facts, such "
        "as http://127.0.0.1:7878/query; not set: the store in the knowledge base.",
        pattern=r"^https?://\S+$",
    )
    sparql_update: str | None = Field(
        None,
        description="Update address of that server; not set: the query address.",
        pattern=r"^https?://\S+$",
    )
    iri_base: str = Field(
        "https://lucerna.example/",
        description="Beginning of the IRI of every fact, with a slash at its end.",
        pattern=r"^https?://[^\s<>\"{}|\\^`]+/$",
    )
    host: str = Field("127.0.0.1", description="Address that `serve` listens on.")
    port: int = Field(8600, description="Port that `serve` listens on.", ge=0, le=65535)
    allowed_hosts: str = Field(
        "localhost 127.0.0.1",
        description="Host names that `serve` answers to, with spaces; * for any.",
    )
    query_timeout_s: float = Field(
        30, description="Seconds after which a query at /sparql is stopped.", gt=0
    )
    query_rows: int = Field(
        100_000,
        description="Rows or triples that an answer of /sparql may have; "
        "more are an error, never cut off.",
        gt=0,
    )
    write_token: SecretStr | None = Field(
        None,
        description="Who sends it may write graphs at /store; not set: nobody may.",
        min_length=16,
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "WARNING", description="DEBUG, INFO, WARNING or ERROR, on stderr."
    )


def load_settings() -> Settings:
    """The settings of this call, from the environment and `.env`.

    Raises:
        KnowledgeError: A variable has a value that it cannot have.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "LUCERNA_" + "_".join(str(part) for part in first["loc"]).upper()
        message = f"{name}={first['input']!r}: {first['msg']}; correct the variable"
        raise KnowledgeError(message) from error
