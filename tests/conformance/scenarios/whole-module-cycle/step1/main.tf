module "c" {
  source = "./c"
  for_each = { a = 1 }
  v = terraform_data.q.id
}
resource "terraform_data" "p" { input = module.c["a"].o }
resource "terraform_data" "q" { }
