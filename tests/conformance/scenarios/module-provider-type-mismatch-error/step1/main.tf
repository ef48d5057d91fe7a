provider "terraform" { alias = "x" }
module "m" {
  source = "./m"
  providers = { terraform.inner = terraform.x }
}
