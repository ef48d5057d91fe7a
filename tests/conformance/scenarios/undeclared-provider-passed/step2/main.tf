module "m" {
  source    = "./m"
  providers = { terraform = terraform }
}
resource "terraform_data" "x" {}
