resource "terraform_data" "a" { input = "zz" }
module "b" {
  source = "./n"
  flag   = terraform_data.a.output
}
