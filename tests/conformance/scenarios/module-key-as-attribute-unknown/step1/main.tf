module "e" {
  source   = "./m"
  for_each = toset(["a"])
}
resource "terraform_data" "k" { input = module.e.a.o }
resource "terraform_data" "l" { input = module.e.*.a.o }
